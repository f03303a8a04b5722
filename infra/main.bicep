// The whole pipeline in one resource group. See docs/infrastructure.md; `azd up` runs it, with the parameters in main.bicepparam.
targetScope = 'subscription'

import { edge, imageSet, lane, principal } from 'types.bicep'
import { containers, eventDeadLetters, packages, tables } from 'entities.bicep'
import { resourceNames } from 'naming.bicep'

@description('Name of the environment; every resource\'s name is made of it.')
@minLength(2)
@maxLength(20)
param environmentName string

@description('Region. Lanes with GPUs need one that has them: swedencentral, westus3, australiaeast, eastus, uksouth and others.')
param location string

@description('Tags of every resource, beside the environment\'s own.')
param tags object = {}

@description('The lanes of this environment.')
@minLength(1)
param lanes lane[]

@description('The inference containers in Azure. Edges elsewhere need only an identity: externalEdges.')
param edges edge[]

@description('Images with tags. Empty at the very first deployment, which makes the registry that they go to: no jobs and edges then.')
param images imageSet = { workerGpu: '', workerCpu: '', edgeGpu: '', edgeCpu: '' }

@description('Public keys that edges trust, in PEM. Empty at the very first deployment, which makes the key: no edges then.')
param trustedKeys string = ''

@description('The version of the signing key that the functions sign with. Empty at the very first deployment: the newest.')
param signingKeyVersion string = ''

@description('Client id of the app registration that callers of the management API sign in to.')
@minLength(36)
@maxLength(36)
param managementClientId string

@description('People and deployments that upload models, watch events, replay dead letters, build images and read public keys.')
param operators principal[] = []

@description('Identities of workers outside of Azure.')
param externalWorkers principal[] = []

@description('Identities of edges outside of Azure.')
param externalEdges principal[] = []

@description('Who is mailed when an alert fires; empty for nobody.')
param alertEmail string = ''

@description('Whether storage and key vault are reached only from inside of a network of their own.')
param privateNetworking bool = false

@description('Address range of that network, at least /22.')
param addressPrefix string = '10.20.0.0/20'

@description('Replication of the storage account with models, engines and routes.')
@allowed([
  'Standard_LRS'
  'Standard_ZRS'
  'Standard_GZRS'
])
param storageSku string = 'Standard_ZRS'

@description('Blobs that hold each target\'s snapshot: storage answers 500 requests a second for each.')
@minValue(1)
@maxValue(32)
param snapshotReplicas int = 1

@description('Shortest time between two looks of an edge at the routes.')
param pollShortest string = '00:00:02'

@description('When rollouts are looked at, with seconds first.')
param rolloutSchedule string = '*/15 * * * * *'

@description('When what was lost is looked for, with seconds first.')
param reconcileSchedule string = '0 * * * * *'

@description('Instances of the functions that are always there for the management API.')
@minValue(0)
param alwaysReady int = 0

@description('Days that logs are kept.')
@minValue(30)
@maxValue(730)
param logRetentionDays int = 30

@description('Gigabytes of logs a day at most; -1 is no limit.')
param logDailyGigabytes int = -1

var token = take(uniqueString(subscription().id, environmentName, location), 10)
var names = resourceNames(environmentName, token)
var allTags = union(tags, { 'azd-env-name': environmentName })
var usedHosts = union(map(lanes, entry => entry.host), map(edges, entry => entry.host))
// What has no image yet is left out; the deployment after the first has them all.
var hasImages = !empty(images.workerCpu) && !empty(images.edgeCpu)

resource group 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: names.resourceGroup
  location: location
  tags: allTags
}

module functionsIdentity 'modules/identity.bicep' = {
  name: 'identity-functions'
  scope: group
  params: {
    name: names.functionsIdentity
    location: location
    tags: allTags
  }
}

module workerIdentity 'modules/identity.bicep' = {
  name: 'identity-worker'
  scope: group
  params: {
    name: names.workerIdentity
    location: location
    tags: allTags
  }
}

module edgeIdentity 'modules/identity.bicep' = {
  name: 'identity-edge'
  scope: group
  params: {
    name: names.edgeIdentity
    location: location
    tags: allTags
  }
}

module eventsIdentity 'modules/identity.bicep' = {
  name: 'identity-events'
  scope: group
  params: {
    name: names.eventsIdentity
    location: location
    tags: allTags
  }
}

module monitoring 'modules/monitoring.bicep' = {
  name: 'monitoring'
  scope: group
  params: {
    workspaceName: names.workspace
    insightsName: names.insights
    location: location
    tags: allTags
    retentionDays: logRetentionDays
    dailyGigabytes: logDailyGigabytes
  }
}

module network 'modules/network.bicep' = if (privateNetworking) {
  name: 'network'
  scope: group
  params: {
    name: names.network
    location: location
    tags: allTags
    addressPrefix: addressPrefix
  }
}

module data 'modules/storage.bicep' = {
  name: 'storage-data'
  scope: group
  params: {
    name: names.dataStorage
    location: location
    tags: allTags
    sku: storageSku
    containers: concat(map(items(containers), entry => entry.value), [eventDeadLetters])
    tables: map(items(tables), entry => entry.value)
    history: true
    expiring: [containers.caches, eventDeadLetters]
    private: privateNetworking
  }
}

module host 'modules/storage.bicep' = {
  name: 'storage-host'
  scope: group
  params: {
    name: names.hostStorage
    location: location
    tags: allTags
    sku: 'Standard_LRS'
    containers: [packages]
    tables: []
    history: false
    expiring: []
    private: privateNetworking
  }
}

module vault 'modules/vault.bicep' = {
  name: 'vault'
  scope: group
  params: {
    name: names.vault
    location: location
    tags: allTags
    // Open to identities from anywhere until the deployment has read the public key; closed by the next one.
    private: privateNetworking && !empty(trustedKeys)
    workspaceId: monitoring.outputs.workspaceId
  }
}

module endpoints 'modules/endpoints.bicep' = if (privateNetworking) {
  name: 'endpoints'
  scope: group
  params: {
    location: location
    tags: allTags
    networkId: network!.outputs.id
    subnetId: network!.outputs.endpointsSubnetId
    storageIds: [data.outputs.id, host.outputs.id]
    vaultId: vault.outputs.id
  }
}

module messaging 'modules/messaging.bicep' = {
  name: 'messaging'
  scope: group
  params: {
    name: names.serviceBus
    location: location
    tags: allTags
    lanes: lanes
    workspaceId: monitoring.outputs.workspaceId
  }
}

module registry 'modules/registry.bicep' = {
  name: 'registry'
  scope: group
  params: {
    name: names.registry
    location: location
    tags: allTags
  }
}

module access 'modules/access.bicep' = {
  name: 'access'
  scope: group
  params: {
    dataStorage: data.outputs.name
    hostStorage: host.outputs.name
    serviceBus: messaging.outputs.name
    vault: vault.outputs.name
    signingKey: vault.outputs.keyName
    registry: registry.outputs.name
    insights: monitoring.outputs.insightsName
    lanes: lanes
    functionsId: functionsIdentity.outputs.identity.principalId
    workerId: workerIdentity.outputs.identity.principalId
    edgeId: edgeIdentity.outputs.identity.principalId
    eventsId: eventsIdentity.outputs.identity.principalId
    externalWorkers: externalWorkers
    externalEdges: externalEdges
    operators: operators
  }
}

// Delivery is refused where the identity may not send yet, so the rights come first here and below.
module events 'modules/events.bicep' = {
  name: 'events'
  scope: group
  dependsOn: [
    access
  ]
  params: {
    name: names.eventTopic
    location: location
    tags: allTags
    storageId: data.outputs.id
    queueId: messaging.outputs.uploadsQueueId
    identity: eventsIdentity.outputs.identity
  }
}

module functions 'modules/functions.bicep' = {
  name: 'functions'
  scope: group
  dependsOn: [
    access
  ]
  params: {
    name: names.functions
    planName: names.plan
    location: location
    tags: allTags
    identity: functionsIdentity.outputs.identity
    blobUri: data.outputs.blobUri
    tableUri: data.outputs.tableUri
    hostBlobUri: host.outputs.blobUri
    hostTableUri: host.outputs.tableUri
    serviceBusHost: messaging.outputs.hostName
    signingKeyUri: empty(signingKeyVersion) ? vault.outputs.keyUri : '${vault.outputs.keyUri}/${signingKeyVersion}'
    insightsName: monitoring.outputs.insightsName
    lanes: lanes
    snapshotReplicas: snapshotReplicas
    pollShortest: pollShortest
    rolloutSchedule: rolloutSchedule
    reconcileSchedule: reconcileSchedule
    alwaysReady: alwaysReady
    managementClientId: managementClientId
    subnetId: privateNetworking ? network!.outputs.functionsSubnetId : ''
  }
}

module machines 'modules/containers.bicep' = {
  name: 'containers'
  scope: group
  params: {
    name: names.containers
    location: location
    tags: allTags
    usedHosts: usedHosts
    workspaceId: monitoring.outputs.workspaceId
    subnetId: privateNetworking ? network!.outputs.containersSubnetId : ''
    zoneRedundant: privateNetworking
  }
}

module workers 'modules/workers.bicep' = if (hasImages) {
  name: 'workers'
  scope: group
  dependsOn: [
    access
  ]
  params: {
    location: location
    tags: allTags
    environmentId: machines.outputs.id
    lanes: filter(lanes, entry => entry.host != 'external')
    identity: workerIdentity.outputs.identity
    registryServer: registry.outputs.server
    images: images
    blobUri: data.outputs.blobUri
    tableUri: data.outputs.tableUri
    serviceBusName: messaging.outputs.name
    serviceBusHost: messaging.outputs.hostName
  }
}

module inference 'modules/edges.bicep' = if (hasImages && !empty(trustedKeys)) {
  name: 'edges'
  scope: group
  dependsOn: [
    access
  ]
  params: {
    location: location
    tags: allTags
    environmentId: machines.outputs.id
    edges: edges
    identity: edgeIdentity.outputs.identity
    registryServer: registry.outputs.server
    images: images
    blobUri: data.outputs.blobUri
    tableUri: data.outputs.tableUri
    trustedKeys: trustedKeys
    snapshotReplicas: snapshotReplicas
  }
}

module alerts 'modules/alerts.bicep' = {
  name: 'alerts'
  scope: group
  params: {
    actionGroupName: names.actionGroup
    location: location
    tags: allTags
    environmentName: environmentName
    email: alertEmail
    lanes: lanes
    serviceBusId: messaging.outputs.id
    workspaceId: monitoring.outputs.workspaceId
  }
}

// azd keeps these as variables of the environment; the command line reads those that begin with PIPELINE.
output AZURE_RESOURCE_GROUP string = group.name
output AZURE_CONTAINER_REGISTRY_ENDPOINT string = registry.outputs.server
output PIPELINE_FUNCTIONS_URL string = functions.outputs.url
output PIPELINE_API_AUDIENCE string = 'api://${managementClientId}'
output PIPELINE_STORAGE_ACCOUNT string = data.outputs.name
output PIPELINE_SERVICEBUS_NAMESPACE string = messaging.outputs.hostName
output PIPELINE_KEY_VAULT string = vault.outputs.name
output PIPELINE_SIGNING_KEY string = vault.outputs.keyName

@description('The lanes, as the functions have them.')
output PIPELINE_LANES string = join(map(lanes, entry => '${entry.target}/${entry.runtime}'), ';')

@description('Whether the images with TensorRT are needed.')
output PIPELINE_HAS_GPU string = contains(usedHosts, 'T4') || contains(usedHosts, 'A100') ? 'true' : 'false'

// What the parameters were made of, for a deployment from another machine: `azd env refresh` reads them back.
output PIPELINE_MANAGEMENT_CLIENT_ID string = managementClientId
output PIPELINE_SIGNING_KEY_VERSION string = signingKeyVersion
output PIPELINE_TRUSTED_KEYS string = base64(trustedKeys)
output PIPELINE_RELEASE string = hasImages ? split(last(split(images.workerCpu, ':')), '-cpu')[0] : ''
output PIPELINE_EDGES array = hasImages && !empty(trustedKeys) ? inference!.outputs.urls : []
