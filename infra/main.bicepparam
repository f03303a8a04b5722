// The parameters of an environment, from azd's variables: PIPELINE_STAGE chooses what is in it, dev or prod.
using 'main.bicep'

var stages = {
  // A laptop's worth: no GPU, so no quota to ask for.
  dev: {
    lanes: [
      { target: 'cpu-x64-avx2', runtime: 'ort-1.29.0-cpu', host: 'CPU', builds: 2 }
    ]
    edges: [
      {
        target: 'cpu-x64-avx2'
        runtime: 'ort-1.29.0-cpu'
        host: 'CPU'
        replicasMinimum: 1
        replicasMaximum: 2
        concurrentRequests: 32
        external: true
      }
    ]
    privateNetworking: false
    storageSku: 'Standard_LRS'
    snapshotReplicas: 1
    alwaysReady: 0
    logDailyGigabytes: 1
  }
  prod: {
    lanes: [
      { target: 'sm_75', runtime: 'trt-11.1.0.106', host: 'T4', builds: 2 }
      { target: 'sm_80', runtime: 'trt-11.1.0.106', host: 'A100', builds: 1 }
      { target: 'cpu-x64-avx2', runtime: 'ort-1.29.0-cpu', host: 'CPU', builds: 4 }
      // Machines outside of Azure, such as H200s of one's own: they take from the queue with an identity of externalWorkers.
      { target: 'sm_90-h200', runtime: 'trt-11.1.0.106', host: 'external', builds: 1 }
    ]
    edges: [
      {
        target: 'sm_75'
        runtime: 'trt-11.1.0.106'
        host: 'T4'
        replicasMinimum: 2
        replicasMaximum: 10
        concurrentRequests: 64
        external: false
      }
      {
        target: 'sm_80'
        runtime: 'trt-11.1.0.106'
        host: 'A100'
        replicasMinimum: 1
        replicasMaximum: 4
        concurrentRequests: 256
        external: false
      }
      {
        target: 'cpu-x64-avx2'
        runtime: 'ort-1.29.0-cpu'
        host: 'CPU'
        replicasMinimum: 2
        replicasMaximum: 20
        concurrentRequests: 32
        external: false
      }
    ]
    privateNetworking: true
    storageSku: 'Standard_ZRS'
    snapshotReplicas: 4
    alwaysReady: 1
    logDailyGigabytes: 20
  }
}

var stage = stages[readEnvironmentVariable('PIPELINE_STAGE', 'dev')]
var registry = readEnvironmentVariable('AZURE_CONTAINER_REGISTRY_ENDPOINT', '')
var release = readEnvironmentVariable('PIPELINE_RELEASE', '')
// Set by the hook after the images are in the registry: infra/hooks/release.sh.
var released = !empty(registry) && !empty(release)
var encodedKeys = readEnvironmentVariable('PIPELINE_TRUSTED_KEYS', '')
var deployer = readEnvironmentVariable('AZURE_PRINCIPAL_ID', '')

param environmentName = readEnvironmentVariable('AZURE_ENV_NAME')
param location = readEnvironmentVariable('AZURE_LOCATION')
param lanes = stage.lanes
param edges = stage.edges
param images = {
  workerGpu: released ? '${registry}/gpu-worker:${release}-gpu' : ''
  workerCpu: released ? '${registry}/gpu-worker:${release}-cpu' : ''
  edgeGpu: released ? '${registry}/edge:${release}-gpu' : ''
  edgeCpu: released ? '${registry}/edge:${release}-cpu' : ''
}
// In base64, since a variable of azd is one line and a PEM file is many.
param trustedKeys = empty(encodedKeys) ? '' : base64ToString(encodedKeys)
param signingKeyVersion = readEnvironmentVariable('PIPELINE_SIGNING_KEY_VERSION', '')
param managementClientId = readEnvironmentVariable('PIPELINE_MANAGEMENT_CLIENT_ID')
param operators = empty(deployer)
  ? []
  : [
      {
        id: deployer
        type: readEnvironmentVariable('AZURE_PRINCIPAL_TYPE', 'User') == 'ServicePrincipal' ? 'ServicePrincipal' : 'User'
      }
    ]
param alertEmail = readEnvironmentVariable('PIPELINE_ALERT_EMAIL', '')
param privateNetworking = stage.privateNetworking
param storageSku = stage.storageSku
param snapshotReplicas = stage.snapshotReplicas
param alwaysReady = stage.alwaysReady
param logDailyGigabytes = stage.logDailyGigabytes
