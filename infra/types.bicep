// The shapes of the parameters, and what a host of builds or edges is.

@export()
@description('Machines: serverless GPUs and processors of the Container Apps environment, or machines outside of Azure.')
type host = 'T4' | 'A100' | 'CPU' | 'external'

@export()
@description('A target and the runtime, with its exact version, that builds and runs engines there.')
type lane = {
  @description('Hardware, such as sm_75, sm_90-h200 or cpu-x64-avx2.')
  target: string

  @description('Runtime with version, such as trt-11.1.0.106, ort-1.29.0-cuda or ort-1.29.0-cpu.')
  runtime: string

  @description('Where its builds run. A lane with the host external has a queue, and machines outside of Azure take from it.')
  host: host

  @description('Builds at a time at most: each holds one GPU, or the processors of one replica.')
  @minValue(1)
  @maxValue(10)
  builds: int
}

@export()
@description('A group of like inference containers that follow the routes of one target.')
type edge = {
  @description('Whose routes are followed.')
  target: string

  @description('Whose engines are run.')
  runtime: string

  host: 'T4' | 'A100' | 'CPU'

  @minValue(1)
  @maxValue(300)
  replicasMinimum: int

  @minValue(1)
  @maxValue(300)
  replicasMaximum: int

  @description('Requests in flight for each replica, beyond which another one is started.')
  @minValue(1)
  concurrentRequests: int

  @description('Whether the public internet reaches it. Inference asks nobody to sign in: put a gateway in front, or say false.')
  external: bool
}

@export()
@description('Somebody who is given rights: object id in Entra, and what it is.')
type principal = {
  @minLength(36)
  @maxLength(36)
  id: string
  type: 'User' | 'Group' | 'ServicePrincipal'
}

@export()
@description('An identity that a module made.')
type programIdentity = {
  @description('Resource id.')
  id: string
  principalId: string
  clientId: string
}

@export()
@description('Container images with tag, in the registry of this environment. Empty while the registry is.')
type imageSet = {
  @description('gpu-worker with TensorRT and CUDA.')
  workerGpu: string
  workerCpu: string

  @description('edge with TensorRT and CUDA.')
  edgeGpu: string
  edgeCpu: string
}

@export()
@description('What a host is in Container Apps. A GPU replica takes the whole machine: there is one GPU in it.')
var hosts = {
  T4: { profile: 'gpu-t4', profileType: 'Consumption-GPU-NC8as-T4', cpu: 8, memory: '56Gi', gpu: true }
  A100: { profile: 'gpu-a100', profileType: 'Consumption-GPU-NC24-A100', cpu: 24, memory: '220Gi', gpu: true }
  CPU: { profile: 'Consumption', profileType: 'Consumption', cpu: 4, memory: '8Gi', gpu: false }
}
