// Every resource's name, from the name of the environment and a token that makes global names unique.

@export()
func resourceNames(environmentName string, token string) object => {
  resourceGroup: 'rg-${environmentName}'
  dataStorage: 'stdata${token}'
  hostStorage: 'sthost${token}'
  serviceBus: 'sb-${environmentName}-${token}'
  vault: 'kv-${token}'
  registry: 'cr${token}'
  workspace: 'log-${environmentName}'
  insights: 'appi-${environmentName}'
  actionGroup: 'ag-${environmentName}'
  eventTopic: 'evgt-${environmentName}'
  plan: 'plan-${environmentName}'
  functions: 'func-${environmentName}-${token}'
  containers: 'cae-${environmentName}'
  network: 'vnet-${environmentName}'
  functionsIdentity: 'id-${environmentName}-functions'
  workerIdentity: 'id-${environmentName}-worker'
  edgeIdentity: 'id-${environmentName}-edge'
  eventsIdentity: 'id-${environmentName}-events'
}

@export()
@description('A job or an app for a lane: at most 32 lower-case letters, digits and single hyphens; the lane itself is in its tags.')
func laneResource(prefix string, target string, runtime string) string =>
  '${prefix}-${take(replace(replace(target, '_', ''), '-', ''), 16)}-${take(uniqueString(target, runtime), 6)}'
