// The function app: plans, gates and routes. Flex Consumption, .NET 10 isolated, no key and no connection string anywhere.
import { lane, programIdentity } from '../types.bicep'
import { packages } from '../entities.bicep'

@description('Name of the app; its host name is made of it.')
param name string

param planName string
param location string
param tags object

@description('The app\'s identity.')
param identity programIdentity

@description('Blob and table endpoints of the account with the pipeline\'s data.')
param blobUri string

param tableUri string

@description('Blob and table endpoints of the account that the functions host has for itself.')
param hostBlobUri string

param hostTableUri string

@description('Such as name.servicebus.windows.net.')
param serviceBusHost string

@description('The key that signs.')
param signingKeyUri string

@description('Name of the Application Insights component.')
param insightsName string

@description('The lanes of this environment.')
param lanes lane[]

@description('Blobs that hold each target\'s snapshot; edges are told the same number.')
@minValue(1)
@maxValue(32)
param snapshotReplicas int

@description('Shortest time between two looks of an edge at the routes, as hours:minutes:seconds.')
param pollShortest string

@description('When rollouts are looked at, with seconds first.')
param rolloutSchedule string

@description('When what was lost is looked for, with seconds first.')
param reconcileSchedule string

@description('Instances that are always there for the management API.')
@minValue(0)
param alwaysReady int

@description('Client id of the app registration that callers of the management API sign in to.')
@minLength(36)
@maxLength(36)
param managementClientId string

@description('Subnet that the app reaches the network through; empty without private networking.')
param subnetId string

resource insights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: insightsName
}

resource plan 'Microsoft.Web/serverfarms@2025-03-01' = {
  name: planName
  location: location
  tags: tags
  kind: 'functionapp'
  sku: {
    name: 'FC1'
    tier: 'FlexConsumption'
  }
  properties: {
    reserved: true
  }
}

resource app 'Microsoft.Web/sites@2025-03-01' = {
  name: name
  location: location
  tags: union(tags, { 'azd-service-name': 'functions' })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identity.id}': {}
    }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    virtualNetworkSubnetId: empty(subnetId) ? null : subnetId
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${hostBlobUri}${packages}'
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identity.id
          }
        }
      }
      scaleAndConcurrency: {
        instanceMemoryMB: 2048
        maximumInstanceCount: 40
        alwaysReady: alwaysReady == 0
          ? []
          : [
              {
                name: 'http'
                instanceCount: alwaysReady
              }
            ]
      }
      runtime: {
        name: 'dotnet-isolated'
        version: '10.0'
      }
    }
    siteConfig: {
      minTlsVersion: '1.2'
      ftpsState: 'Disabled'
    }
  }
}

resource settings 'Microsoft.Web/sites/config@2025-03-01' = {
  parent: app
  name: 'appsettings'
  properties: {
    AzureWebJobsStorage__blobServiceUri: hostBlobUri
    AzureWebJobsStorage__tableServiceUri: hostTableUri
    AzureWebJobsStorage__credential: 'managedidentity'
    AzureWebJobsStorage__clientId: identity.clientId
    APPLICATIONINSIGHTS_CONNECTION_STRING: insights.properties.ConnectionString
    APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identity.clientId};Authorization=AAD'
    ServiceBus__fullyQualifiedNamespace: serviceBusHost
    ServiceBus__credential: 'managedidentity'
    ServiceBus__clientId: identity.clientId
    Pipeline__BlobServiceUri: blobUri
    Pipeline__TableServiceUri: tableUri
    Pipeline__ServiceBusNamespace: serviceBusHost
    Pipeline__ManagedIdentityClientId: identity.clientId
    Pipeline__Signing__KeyVaultKey: signingKeyUri
    Pipeline__Lanes: join(map(lanes, entry => '${entry.target}/${entry.runtime}'), ';')
    Pipeline__Snapshots__Replicas: string(snapshotReplicas)
    Pipeline__Snapshots__PollShortest: pollShortest
    // True only together with the sign-in below: it strips the caller's name from outside requests and sets it itself.
    Pipeline__PlatformSignIn: 'true'
    RolloutTickSchedule: rolloutSchedule
    ReconcileTickSchedule: reconcileSchedule
  }
}

// Callers sign in with Entra. Who may, and as what (Read, Operate), is said by assignments to the app registration.
resource signIn 'Microsoft.Web/sites/config@2025-03-01' = {
  parent: app
  name: 'authsettingsV2'
  properties: {
    platform: {
      enabled: true
    }
    globalValidation: {
      requireAuthentication: true
      unauthenticatedClientAction: 'Return401'
      excludedPaths: [
        '/api/health'
      ]
    }
    identityProviders: {
      azureActiveDirectory: {
        enabled: true
        registration: {
          clientId: managementClientId
          openIdIssuer: '${environment().authentication.loginEndpoint}${tenant().tenantId}/v2.0'
        }
        validation: {
          allowedAudiences: [
            managementClientId
            'api://${managementClientId}'
          ]
        }
      }
    }
    login: {
      tokenStore: {
        enabled: false
      }
    }
    httpSettings: {
      requireHttps: true
    }
  }
}

resource noFtpPassword 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2025-03-01' = {
  parent: app
  name: 'ftp'
  properties: {
    allow: false
  }
}

resource noDeploymentPassword 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2025-03-01' = {
  parent: app
  name: 'scm'
  properties: {
    allow: false
  }
}

output url string = 'https://${app.properties.defaultHostName}'
