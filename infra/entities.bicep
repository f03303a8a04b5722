// The names that the programs know: cloud/EntityNames.cs, core/Events/EventTypes.cs. A test compares both sides.

@export()
@description('Blob containers of the pipeline.')
var containers = {
  models: 'models'
  engines: 'engines'
  reports: 'reports'
  caches: 'caches'
  routes: 'routes'
}

@export()
@description('Where Event Grid puts events that it could not deliver. Nothing of the pipeline reads it.')
var eventDeadLetters = 'event-dead-letters'

@export()
@description('Where the package of the function app lies.')
var packages = 'packages'

@export()
@description('Tables of the pipeline.')
var tables = {
  models: 'Models'
  builds: 'Builds'
  routes: 'Routes'
  fleet: 'Fleet'
}

@export()
@description('The upload that starts a promotion; it comes last.')
var modelFile = 'model.onnx'

@export()
var blobEventsQueue = 'blob-events'

@export()
var eventsTopic = 'promotion-events'

@export()
@description('What the functions consume.')
var gatekeeperSubscription = 'gatekeeper'

@export()
@description('What people watch with the command line.')
var followSubscription = 'follow'

@export()
@description('Application property with the type of an event.')
var typeProperty = 'type'

@export()
@description('Types of events that the functions consume.')
var consumedTypes = [
  'pipeline.engine.built'
  'pipeline.engine.failed'
]

@export()
@description('The build queue of a lane.')
func buildQueue(target string, runtime string) string => 'build-${target}--${runtime}'
