// A job for each lane: it sleeps until a build request waits, handles one message and ends.
import { hosts, imageSet, lane, programIdentity } from '../types.bicep'
import { buildQueue } from '../entities.bicep'
import { laneResource } from '../naming.bicep'

param location string
param tags object

@description('Resource id of the Container Apps environment.')
param environmentId string

@description('The lanes whose builds run in Azure.')
param lanes lane[]

param identity programIdentity

@description('Such as name.azurecr.io.')
param registryServer string

param images imageSet
param blobUri string
param tableUri string

@description('Short name of the Service Bus namespace.')
param serviceBusName string

param serviceBusHost string

@description('Longest run of one build request, in seconds. A replica that hangs holds its GPU until then.')
@minValue(600)
@maxValue(86400)
param timeoutSeconds int = 7200

resource worker 'Microsoft.App/jobs@2026-01-01' = [
  for entry in lanes: {
    name: laneResource('build', entry.target, entry.runtime)
    location: location
    tags: union(tags, { 'pipeline-lane': '${entry.target}/${entry.runtime}' })
    identity: {
      type: 'UserAssigned'
      userAssignedIdentities: {
        '${identity.id}': {}
      }
    }
    properties: {
      environmentId: environmentId
      workloadProfileName: hosts[string(entry.host)].profile
      configuration: {
        triggerType: 'Event'
        replicaTimeout: timeoutSeconds
        // A message that failed goes back to its queue, which counts: a second counter would only hide it.
        replicaRetryLimit: 0
        eventTriggerConfig: {
          parallelism: 1
          replicaCompletionCount: 1
          scale: {
            minExecutions: 0
            maxExecutions: entry.builds
            pollingInterval: 30
            rules: [
              {
                name: 'build-requests'
                type: 'azure-servicebus'
                identity: identity.id
                auth: []
                metadata: {
                  namespace: serviceBusName
                  queueName: buildQueue(entry.target, entry.runtime)
                  messageCount: '1'
                }
              }
            ]
          }
        }
        registries: [
          {
            server: registryServer
            identity: identity.id
          }
        ]
      }
      template: {
        containers: [
          {
            name: 'worker'
            image: hosts[string(entry.host)].gpu ? images.workerGpu : images.workerCpu
            args: [
              'run'
              '--once'
            ]
            resources: {
              cpu: hosts[string(entry.host)].cpu
              memory: hosts[string(entry.host)].memory
            }
            env: [
              { name: 'Worker__Lane', value: '${entry.target}/${entry.runtime}' }
              { name: 'Worker__WorkDirectory', value: '/scratch/worker' }
              // A replica has 8 GiB of disk: the model, its external data, the engine and a baseline must fit together.
              { name: 'Worker__ModelSizeBytesMaximum', value: '2147483648' }
              { name: 'Pipeline__BlobServiceUri', value: blobUri }
              { name: 'Pipeline__TableServiceUri', value: tableUri }
              { name: 'Pipeline__ServiceBusNamespace', value: serviceBusHost }
              { name: 'Pipeline__ManagedIdentityClientId', value: identity.clientId }
            ]
            volumeMounts: [
              {
                volumeName: 'scratch'
                mountPath: '/scratch'
              }
            ]
          }
        ]
        volumes: [
          {
            name: 'scratch'
            storageType: 'EmptyDir'
          }
        ]
      }
    }
  }
]
