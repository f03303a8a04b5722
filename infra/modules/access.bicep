// Who may do what: every right of every identity, and no other, each on the smallest thing that can carry it.
// The table in docs/infrastructure.md is held equal to this file by a test.
import { lane, principal } from '../types.bicep'
import { blobEventsQueue, buildQueue, containers, eventDeadLetters, eventsTopic } from '../entities.bicep'
import { followSubscription, gatekeeperSubscription, tables } from '../entities.bicep'

@description('Names of the resources that rights are given on.')
param dataStorage string

param hostStorage string
param serviceBus string
param vault string
param signingKey string
param registry string
param insights string

@description('The lanes, each with a queue of its own.')
param lanes lane[]

@description('Object ids of the programs\' identities.')
param functionsId string

param workerId string
param edgeId string
param eventsId string

@description('Workers and edges outside of Azure, each with an identity that somebody else made.')
param externalWorkers principal[]

param externalEdges principal[]

@description('People and deployments that upload models, watch events, replay dead letters and read public keys.')
param operators principal[]

@description('Built-in roles.')
var roles = {
  blobReader: '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1' // Storage Blob Data Reader
  blobContributor: 'ba92f5b4-2d11-453d-a403-e96b0029c9fe' // Storage Blob Data Contributor
  blobOwner: 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b' // Storage Blob Data Owner
  tableContributor: '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3' // Storage Table Data Contributor
  busReceiver: '4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0' // Azure Service Bus Data Receiver
  busSender: '69a216fc-b8fb-44d8-bc22-1f3c2cd27a39' // Azure Service Bus Data Sender
  keySigner: '12338af0-0e69-4776-bea7-57ae8d297424' // Key Vault Crypto User
  keyReader: '21090545-7ca7-4776-b22c-e363652d74d2' // Key Vault Reader
  imagePuller: '7f951dda-4ed3-4680-a7ca-43fe172d538d' // AcrPull
  imageBuilder: 'b24988ac-6180-42a0-ab88-20f7382dd24c' // Contributor, on the registry alone
  metricsPublisher: '3913510d-42f4-4e42-8a64-420c390055eb' // Monitoring Metrics Publisher
}

var functions = { id: functionsId, type: 'ServicePrincipal' }
var events = { id: eventsId, type: 'ServicePrincipal' }
var workers = concat([{ id: workerId, type: 'ServicePrincipal' }], externalWorkers)
var edges = concat([{ id: edgeId, type: 'ServicePrincipal' }], externalEdges)
var queues = map(lanes, entry => buildQueue(entry.target, entry.runtime))

// The functions' host keeps its leases and keys in an account of its own.
var hostGrants = [
  { who: functions, role: roles.blobOwner }
  { who: functions, role: roles.tableContributor }
]

var containerGrants = concat(
  [
    { on: containers.models, who: functions, role: roles.blobReader }
    { on: containers.reports, who: functions, role: roles.blobReader }
    { on: containers.routes, who: functions, role: roles.blobContributor }
    { on: eventDeadLetters, who: events, role: roles.blobContributor }
  ],
  map(workers, who => { on: containers.models, who: who, role: roles.blobReader }),
  map(workers, who => { on: containers.engines, who: who, role: roles.blobContributor }),
  map(workers, who => { on: containers.reports, who: who, role: roles.blobContributor }),
  map(workers, who => { on: containers.caches, who: who, role: roles.blobContributor }),
  map(edges, who => { on: containers.routes, who: who, role: roles.blobReader }),
  map(edges, who => { on: containers.engines, who: who, role: roles.blobReader }),
  map(operators, who => { on: containers.models, who: who, role: roles.blobContributor }),
  map(operators, who => { on: containers.reports, who: who, role: roles.blobReader })
)

var tableGrants = concat(
  map(items(tables), entry => { on: entry.value, who: functions, role: roles.tableContributor }),
  // A worker's progress has a row of its own beside its lane's.
  map(workers, who => { on: tables.builds, who: who, role: roles.tableContributor }),
  map(edges, who => { on: tables.fleet, who: who, role: roles.tableContributor })
)

var queueGrants = concat(
  [
    { on: blobEventsQueue, who: functions, role: roles.busReceiver }
    { on: blobEventsQueue, who: events, role: roles.busSender }
  ],
  // The functions send build requests and turn dead letters into verdicts.
  map(queues, queue => { on: queue, who: functions, role: roles.busSender }),
  map(queues, queue => { on: queue, who: functions, role: roles.busReceiver }),
  // Workers take from them, and with the same right the scaler reads how many wait.
  flatten(map(queues, queue => map(workers, who => { on: queue, who: who, role: roles.busReceiver }))),
  flatten(map(concat([blobEventsQueue], queues), queue => map(operators, who => { on: queue, who: who, role: roles.busReceiver }))),
  flatten(map(concat([blobEventsQueue], queues), queue => map(operators, who => { on: queue, who: who, role: roles.busSender })))
)

var topicGrants = concat(
  [{ who: functions, role: roles.busSender }],
  map(workers, who => { who: who, role: roles.busSender }),
  // A dead letter of a subscription is sent again to its topic.
  map(operators, who => { who: who, role: roles.busSender })
)

var subscriptionGrants = concat(
  [{ on: gatekeeperSubscription, who: functions, role: roles.busReceiver }],
  map(operators, who => { on: followSubscription, who: who, role: roles.busReceiver }),
  map(operators, who => { on: gatekeeperSubscription, who: who, role: roles.busReceiver })
)

// Nothing that parses models or serves requests may sign.
var keyGrants = concat(
  [{ who: functions, role: roles.keySigner }],
  map(operators, who => { who: who, role: roles.keyReader })
)

var registryGrants = concat(
  [
    { who: { id: workerId, type: 'ServicePrincipal' }, role: roles.imagePuller }
    { who: { id: edgeId, type: 'ServicePrincipal' }, role: roles.imagePuller }
  ],
  map(operators, who => { who: who, role: roles.imageBuilder })
)

var telemetryGrants = [{ who: functions, role: roles.metricsPublisher }]

resource host 'Microsoft.Storage/storageAccounts@2025-06-01' existing = {
  name: hostStorage
}

resource onHost 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for grant in hostGrants: {
    name: guid(host.id, grant.who.id, grant.role)
    scope: host
    properties: {
      principalId: grant.who.id
      principalType: grant.who.type
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', grant.role)
    }
  }
]

resource data 'Microsoft.Storage/storageAccounts@2025-06-01' existing = {
  name: dataStorage
}

resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2025-06-01' existing = {
  parent: data
  name: 'default'
}

resource container 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-06-01' existing = [
  for grant in containerGrants: {
    parent: blobs
    name: grant.on
  }
]

resource onContainers 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for (grant, index) in containerGrants: {
    name: guid(container[index].id, grant.who.id, grant.role)
    scope: container[index]
    properties: {
      principalId: grant.who.id
      principalType: grant.who.type
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', grant.role)
    }
  }
]

resource tableService 'Microsoft.Storage/storageAccounts/tableServices@2025-06-01' existing = {
  parent: data
  name: 'default'
}

resource table 'Microsoft.Storage/storageAccounts/tableServices/tables@2025-06-01' existing = [
  for grant in tableGrants: {
    parent: tableService
    name: grant.on
  }
]

resource onTables 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for (grant, index) in tableGrants: {
    name: guid(table[index].id, grant.who.id, grant.role)
    scope: table[index]
    properties: {
      principalId: grant.who.id
      principalType: grant.who.type
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', grant.role)
    }
  }
]

resource namespace 'Microsoft.ServiceBus/namespaces@2024-01-01' existing = {
  name: serviceBus
}

resource queue 'Microsoft.ServiceBus/namespaces/queues@2024-01-01' existing = [
  for grant in queueGrants: {
    parent: namespace
    name: grant.on
  }
]

resource onQueues 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for (grant, index) in queueGrants: {
    name: guid(queue[index].id, grant.who.id, grant.role)
    scope: queue[index]
    properties: {
      principalId: grant.who.id
      principalType: grant.who.type
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', grant.role)
    }
  }
]

resource topic 'Microsoft.ServiceBus/namespaces/topics@2024-01-01' existing = {
  parent: namespace
  name: eventsTopic
}

resource onTopic 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for grant in topicGrants: {
    name: guid(topic.id, grant.who.id, grant.role)
    scope: topic
    properties: {
      principalId: grant.who.id
      principalType: grant.who.type
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', grant.role)
    }
  }
]

resource subscriptions 'Microsoft.ServiceBus/namespaces/topics/subscriptions@2024-01-01' existing = [
  for grant in subscriptionGrants: {
    parent: topic
    name: grant.on
  }
]

resource onSubscriptions 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for (grant, index) in subscriptionGrants: {
    name: guid(subscriptions[index].id, grant.who.id, grant.role)
    scope: subscriptions[index]
    properties: {
      principalId: grant.who.id
      principalType: grant.who.type
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', grant.role)
    }
  }
]

resource keyVault 'Microsoft.KeyVault/vaults@2026-02-01' existing = {
  name: vault
}

resource key 'Microsoft.KeyVault/vaults/keys@2026-02-01' existing = {
  parent: keyVault
  name: signingKey
}

resource onKey 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for grant in keyGrants: {
    name: guid(key.id, grant.who.id, grant.role)
    scope: key
    properties: {
      principalId: grant.who.id
      principalType: grant.who.type
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', grant.role)
    }
  }
]

resource images 'Microsoft.ContainerRegistry/registries@2025-04-01' existing = {
  name: registry
}

resource onImages 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for grant in registryGrants: {
    name: guid(images.id, grant.who.id, grant.role)
    scope: images
    properties: {
      principalId: grant.who.id
      principalType: grant.who.type
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', grant.role)
    }
  }
]

resource telemetry 'Microsoft.Insights/components@2020-02-02' existing = {
  name: insights
}

resource onTelemetry 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for grant in telemetryGrants: {
    name: guid(telemetry.id, grant.who.id, grant.role)
    scope: telemetry
    properties: {
      principalId: grant.who.id
      principalType: grant.who.type
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', grant.role)
    }
  }
]
