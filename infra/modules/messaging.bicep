// The Service Bus: upload events, a build queue for each lane, and the topic with what happens.
import { lane } from '../types.bicep'
import { blobEventsQueue, buildQueue, consumedTypes, eventsTopic } from '../entities.bicep'
import { followSubscription, gatekeeperSubscription, typeProperty } from '../entities.bicep'

@description('Name of the namespace: 6 to 50 letters, digits and hyphens.')
@minLength(6)
@maxLength(50)
param name string

param location string
param tags object

@description('The lanes, each with a queue of its own.')
param lanes lane[]

@description('Where its diagnostics go.')
param workspaceId string

// Standard has topics and duplicate detection. Messages are a few kilobytes: what is large lies in blobs.
resource namespace 'Microsoft.ServiceBus/namespaces@2024-01-01' = {
  name: name
  location: location
  tags: tags
  sku: {
    name: 'Standard'
    tier: 'Standard'
  }
  properties: {
    disableLocalAuth: true
    minimumTlsVersion: '1.2'
    // Event Grid delivers from outside of any network. Without local authentication only the identities of access.bicep enter.
    publicNetworkAccess: 'Enabled'
  }
}

resource uploads 'Microsoft.ServiceBus/namespaces/queues@2024-01-01' = {
  parent: namespace
  name: blobEventsQueue
  properties: {
    lockDuration: 'PT5M'
    maxDeliveryCount: 10
    defaultMessageTimeToLive: 'P7D'
    deadLetteringOnMessageExpiration: true
    // Event Grid tries for a day, and each try of one event has the same message id.
    requiresDuplicateDetection: true
    duplicateDetectionHistoryTimeWindow: 'P1D'
    maxSizeInMegabytes: 1024
  }
}

resource builds 'Microsoft.ServiceBus/namespaces/queues@2024-01-01' = [
  for entry in lanes: {
    parent: namespace
    name: buildQueue(entry.target, entry.runtime)
    properties: {
      // Workers renew it while they build. After five deliveries the request becomes a verdict: BuildDeadLettered.
      lockDuration: 'PT5M'
      maxDeliveryCount: 5
      defaultMessageTimeToLive: 'P7D'
      deadLetteringOnMessageExpiration: true
      requiresDuplicateDetection: true
      // Shorter than the functions' ResendAfter (15 minutes): a request that is sent again has the same message id.
      duplicateDetectionHistoryTimeWindow: 'PT10M'
      maxSizeInMegabytes: 1024
    }
  }
]

resource topic 'Microsoft.ServiceBus/namespaces/topics@2024-01-01' = {
  parent: namespace
  name: eventsTopic
  properties: {
    defaultMessageTimeToLive: 'P7D'
    requiresDuplicateDetection: true
    duplicateDetectionHistoryTimeWindow: 'PT10M'
    maxSizeInMegabytes: 1024
  }
}

resource gatekeeper 'Microsoft.ServiceBus/namespaces/topics/subscriptions@2024-01-01' = {
  parent: topic
  name: gatekeeperSubscription
  properties: {
    lockDuration: 'PT5M'
    maxDeliveryCount: 10
    defaultMessageTimeToLive: 'P7D'
    deadLetteringOnMessageExpiration: true
    deadLetteringOnFilterEvaluationExceptions: true
  }
}

// The first takes the place of the rule that a new subscription has and that lets everything through.
resource rules 'Microsoft.ServiceBus/namespaces/topics/subscriptions/rules@2024-01-01' = [
  for (eventType, index) in consumedTypes: {
    parent: gatekeeper
    name: index == 0 ? '$Default' : last(split(eventType, 'pipeline.'))
    properties: {
      filterType: 'CorrelationFilter'
      correlationFilter: {
        properties: {
          '${typeProperty}': eventType
        }
      }
    }
  }
]

// Nobody may listen to it for days, so what it holds expires.
resource follow 'Microsoft.ServiceBus/namespaces/topics/subscriptions@2024-01-01' = {
  parent: topic
  name: followSubscription
  properties: {
    lockDuration: 'PT1M'
    maxDeliveryCount: 10
    defaultMessageTimeToLive: 'PT1H'
    deadLetteringOnMessageExpiration: false
  }
}

resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'workspace'
  scope: namespace
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

output id string = namespace.id
output name string = namespace.name
output uploadsQueueId string = uploads.id

@description('Such as name.servicebus.windows.net.')
output hostName string = '${namespace.name}.servicebus.windows.net'
