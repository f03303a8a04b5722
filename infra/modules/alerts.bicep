// What an operator is told at once. What to do for each: docs/operations.md.
import { lane } from '../types.bicep'
import { blobEventsQueue, buildQueue, eventsTopic } from '../entities.bicep'

param actionGroupName string
param location string
param tags object

@description('Prefix of the alerts\' names.')
param environmentName string

@description('Who gets a mail; empty: alerts are shown and nobody is told.')
param email string

param lanes lane[]
param serviceBusId string
param workspaceId string

@description('Minutes after which a build queue that was never empty is told.')
@allowed([
  60
  360
])
param buildAgeMinutes int = 60

resource people 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: actionGroupName
  location: 'global'
  tags: tags
  properties: {
    groupShortName: 'pipeline'
    enabled: true
    emailReceivers: empty(email)
      ? []
      : [
          {
            name: 'operators'
            emailAddress: email
            useCommonAlertSchema: true
          }
        ]
  }
}

// Alerts on what the queues say. A build's dead letters become verdicts within a tick, so one that stays is unreadable.
var queueAlerts = [
  {
    name: 'dead-letters'
    description: 'A message was given up and nobody has dealt with it.'
    severity: 2
    metric: 'DeadletteredMessages'
    aggregation: 'Minimum'
    entities: concat([blobEventsQueue, eventsTopic], map(lanes, entry => buildQueue(entry.target, entry.runtime)))
    frequency: 'PT5M'
    window: 'PT15M'
  }
  {
    name: 'build-age'
    description: 'A build queue has not been empty for all of this time: no worker takes from it, or too few do.'
    severity: 2
    metric: 'ActiveMessages'
    aggregation: 'Minimum'
    entities: map(lanes, entry => buildQueue(entry.target, entry.runtime))
    frequency: 'PT15M'
    window: 'PT${buildAgeMinutes / 60}H'
  }
]

resource onQueues 'Microsoft.Insights/metricAlerts@2018-03-01' = [
  for alert in queueAlerts: {
    name: '${environmentName}-${alert.name}'
    location: 'global'
    tags: tags
    properties: {
      description: alert.description
      severity: alert.severity
      enabled: true
      scopes: [
        serviceBusId
      ]
      evaluationFrequency: alert.frequency
      windowSize: alert.window
      autoMitigate: true
      criteria: {
        'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
        allOf: [
          {
            name: alert.name
            criterionType: 'StaticThresholdCriterion'
            metricNamespace: 'Microsoft.ServiceBus/namespaces'
            metricName: alert.metric
            timeAggregation: alert.aggregation
            operator: 'GreaterThan'
            threshold: 0
            dimensions: [
              {
                name: 'EntityName'
                operator: 'Include'
                values: alert.entities
              }
            ]
          }
        ]
      }
      actions: [
        {
          actionGroupId: people.id
        }
      ]
    }
  }
]

// Alerts on what the programs log. The sentences are the programs' own; a test looks for them in the sources.
var logAlerts = [
  {
    name: 'failed-promotions'
    description: 'A promotion has failed.'
    severity: 2
    query: 'AppTraces | where Message startswith "Promotion " and Message has " is Failed: "'
  }
  {
    name: 'withdrawn-candidates'
    description: 'A candidate was taken back from the users that it had.'
    severity: 1
    query: 'AppTraces | where Message startswith "Route of " and Message has "pipeline.rollout.withdrawn"'
  }
  {
    name: 'unpublished-routes'
    description: 'A route has changed and the edges cannot be told: storage or the signing key does not answer.'
    severity: 1
    query: 'AppTraces | where Message startswith "The routes of " and Message has "are written but not published"'
  }
  {
    name: 'stale-edges'
    description: 'Edges cannot read or do not believe their routes, and go on with old ones.'
    severity: 1
    query: 'ContainerAppConsoleLogs | where (Log has "The routes of" and Log has "could not be read") or (Log has "The route snapshot of" and Log has "is refused")'
  }
  {
    name: 'refused-engines'
    description: 'Edges have an engine that they cannot serve; the old one goes on.'
    severity: 2
    query: 'ContainerAppConsoleLogs | where Log has "is not served, "'
  }
]

resource onLogs 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [
  for alert in logAlerts: {
    name: '${environmentName}-${alert.name}'
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: alert.name
      description: alert.description
      severity: alert.severity
      enabled: true
      scopes: [
        workspaceId
      ]
      evaluationFrequency: 'PT5M'
      windowSize: 'PT5M'
      autoMitigate: false
      // The tables exist only once something has logged.
      skipQueryValidation: true
      criteria: {
        allOf: [
          {
            query: alert.query
            timeAggregation: 'Count'
            operator: 'GreaterThan'
            threshold: 0
            failingPeriods: {
              numberOfEvaluationPeriods: 1
              minFailingPeriodsToAlert: 1
            }
          }
        ]
      }
      actions: {
        actionGroups: [
          people.id
        ]
      }
    }
  }
]
