// What private networking reaches without the internet. Service Bus stays outside: Event Grid delivers to its public address.
param location string
param tags object
param networkId string
param subnetId string

@description('Resource ids of the storage accounts.')
param storageIds string[]

param vaultId string

var groups = [
  { group: 'blob', zone: 'privatelink.blob.${environment().suffixes.storage}', targets: storageIds }
  { group: 'table', zone: 'privatelink.table.${environment().suffixes.storage}', targets: storageIds }
  { group: 'vault', zone: 'privatelink.vaultcore.azure.net', targets: [vaultId] }
]

module endpoint 'endpoint.bicep' = [
  for entry in groups: {
    name: 'endpoint-${entry.group}'
    params: {
      group: entry.group
      zone: entry.zone
      targets: entry.targets
      location: location
      tags: tags
      networkId: networkId
      subnetId: subnetId
    }
  }
]
