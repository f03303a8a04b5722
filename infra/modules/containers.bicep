// The Container Apps environment that workers and edges run in: processors, and the serverless GPUs that the lanes ask for.
import { hosts } from '../types.bicep'

param name string
param location string
param tags object

@description('The hosts that lanes and edges of this environment name.')
param usedHosts string[]

@description('Where its logs go.')
param workspaceId string

@description('Subnet that it runs in; empty without private networking.')
param subnetId string

@description('Whether a replica survives the loss of a zone; needs private networking.')
param zoneRedundant bool

resource machines 'Microsoft.App/managedEnvironments@2026-01-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    appLogsConfiguration: {
      destination: 'azure-monitor'
    }
    vnetConfiguration: empty(subnetId)
      ? null
      : {
          infrastructureSubnetId: subnetId
          internal: false
        }
    zoneRedundant: zoneRedundant && !empty(subnetId)
    // The one for processors is always there; GPUs only where a lane or an edge asks for them: they need a quota.
    workloadProfiles: map(
      filter(items(hosts), host => host.key == 'CPU' || contains(usedHosts, host.key)),
      host => {
        name: host.value.profile
        workloadProfileType: host.value.profileType
      }
    )
  }
}

resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'workspace'
  scope: machines
  properties: {
    workspaceId: workspaceId
    logs: [
      {
        categoryGroup: 'allLogs'
        enabled: true
      }
    ]
  }
}

output id string = machines.id
