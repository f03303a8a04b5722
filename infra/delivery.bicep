// What GitHub Actions deploys with, one for each environment of GitHub: an identity without a secret, which GitHub's own tokens for
// that environment open. Whoever owns the subscription deploys this once, for dev and for prod:
//   az deployment sub create --location REGION --template-file infra/delivery.bicep --parameters repository=OWNER/NAME stage=dev
targetScope = 'subscription'

@description('The repository on GitHub, as owner/name.')
@minLength(3)
param repository string

@description('The environment on GitHub that may deploy with it.')
@allowed([
  'dev'
  'prod'
])
param stage string

@description('Region of the identity.')
param location string = deployment().location

var roles = [
  'b24988ac-6180-42a0-ab88-20f7382dd24c' // Contributor
  'f58310d9-a9f6-439a-9e8d-f62e7b41a168' // Role Based Access Control Administrator: modules/access.bicep assigns roles
]

resource group 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: 'rg-pipeline-delivery-${stage}'
  location: location
}

module identity 'modules/federated.bicep' = {
  name: 'delivery-${stage}'
  scope: group
  params: {
    name: 'id-pipeline-delivery-${stage}'
    location: location
    subject: 'repo:${repository}:environment:${stage}'
  }
}

// On the subscription, because main.bicep makes the resource group: give each stage a subscription of its own.
resource assignments 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in roles: {
    name: guid(subscription().id, repository, stage, role)
    properties: {
      principalId: identity.outputs.principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)
    }
  }
]

output AZURE_CLIENT_ID string = identity.outputs.clientId
output AZURE_PRINCIPAL_ID string = identity.outputs.principalId
output AZURE_TENANT_ID string = tenant().tenantId
