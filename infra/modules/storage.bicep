// A storage account that only identities open. What the pipeline keeps and what the functions host keeps lie in two of them,
// so that nobody who may read models can touch the host's own files.

@description('Name of the account: 3 to 24 lower-case letters and digits.')
@minLength(3)
@maxLength(24)
param name string

param location string
param tags object

@description('Replication, such as Standard_ZRS.')
param sku string

@description('Containers to make.')
param containers string[]

@description('Tables to make.')
param tables string[]

@description('Whether overwritten and deleted blobs are kept for a while.')
param history bool

@description('Containers whose blobs are deleted when nobody has changed them for half a year: they can be made again.')
param expiring string[]

@description('Whether only private endpoints and trusted services of Azure reach it.')
param private bool

@description('Days that deleted blobs and old versions are kept.')
var historyDays = 14

resource account 'Microsoft.Storage/storageAccounts@2025-06-01' = {
  name: name
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: {
    name: sku
  }
  properties: {
    accessTier: 'Hot'
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    // Event Grid writes its dead letters as a trusted service, which needs the public endpoint to exist.
    publicNetworkAccess: 'Enabled'
    networkAcls: {
      bypass: 'AzureServices'
      defaultAction: private ? 'Deny' : 'Allow'
    }
  }
}

resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2025-06-01' = {
  parent: account
  name: 'default'
  properties: {
    isVersioningEnabled: history
    deleteRetentionPolicy: {
      enabled: true
      days: historyDays
    }
    containerDeleteRetentionPolicy: {
      enabled: true
      days: historyDays
    }
  }
}

resource container 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-06-01' = [
  for entry in containers: {
    parent: blobs
    name: entry
    properties: {
      publicAccess: 'None'
    }
  }
]

resource tableService 'Microsoft.Storage/storageAccounts/tableServices@2025-06-01' = {
  parent: account
  name: 'default'
}

resource table 'Microsoft.Storage/storageAccounts/tableServices/tables@2025-06-01' = [
  for entry in tables: {
    parent: tableService
    name: entry
  }
]

// Engines are never deleted here: only the pipeline knows which of them a route can still reach.
resource lifecycle 'Microsoft.Storage/storageAccounts/managementPolicies@2025-06-01' = if (history) {
  parent: account
  name: 'default'
  dependsOn: [
    blobs
  ]
  properties: {
    policy: {
      rules: concat(
        [
          {
            name: 'old-versions'
            enabled: true
            type: 'Lifecycle'
            definition: {
              filters: {
                blobTypes: [
                  'blockBlob'
                ]
              }
              actions: {
                version: {
                  delete: {
                    daysAfterCreationGreaterThan: historyDays
                  }
                }
              }
            }
          }
        ],
        map(expiring, entry => {
          name: 'unused-${entry}'
          enabled: true
          type: 'Lifecycle'
          definition: {
            filters: {
              blobTypes: [
                'blockBlob'
              ]
              prefixMatch: [
                '${entry}/'
              ]
            }
            actions: {
              baseBlob: {
                delete: {
                  daysAfterModificationGreaterThan: 180
                }
              }
            }
          }
        })
      )
    }
  }
}

output id string = account.id
output name string = account.name
output blobUri string = account.properties.primaryEndpoints.blob
output tableUri string = account.properties.primaryEndpoints.table
