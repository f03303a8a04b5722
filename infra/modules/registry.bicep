// The container images. Nobody signs in with a password; what is in them is no secret.

@description('Name of the registry: 5 to 50 letters and digits.')
@minLength(5)
@maxLength(50)
param name string

param location string
param tags object

resource registry 'Microsoft.ContainerRegistry/registries@2025-04-01' = {
  name: name
  location: location
  tags: tags
  sku: {
    name: 'Standard'
  }
  properties: {
    adminUserEnabled: false
    anonymousPullEnabled: false
    publicNetworkAccess: 'Enabled'
    policies: {
      azureADAuthenticationAsArmPolicy: {
        status: 'enabled'
      }
    }
  }
}

output id string = registry.id
output name string = registry.name
output server string = registry.properties.loginServer
