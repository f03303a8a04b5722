// An identity that GitHub's tokens for one environment of one repository open.
param name string
param location string

@description('Whose tokens, such as repo:owner/name:environment:prod.')
param subject string

resource assigned 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: name
  location: location
}

resource github 'Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials@2024-11-30' = {
  parent: assigned
  name: 'github'
  properties: {
    issuer: 'https://token.actions.githubusercontent.com'
    subject: subject
    audiences: [
      'api://AzureADTokenExchange'
    ]
  }
}

output clientId string = assigned.properties.clientId
output principalId string = assigned.properties.principalId
