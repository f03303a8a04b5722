// One identity for each program, nothing shared: modules/access.bicep says what each may do.
import { programIdentity } from '../types.bicep'

@description('Name of the identity.')
param name string

param location string
param tags object

resource assigned 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: name
  location: location
  tags: tags
}

@description('What the other modules need to know of it.')
output identity programIdentity = {
  id: assigned.id
  principalId: assigned.properties.principalId
  clientId: assigned.properties.clientId
}
