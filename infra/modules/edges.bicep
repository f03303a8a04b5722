// The inference containers: an app for each target and runtime. They follow routes, swap engines and are never restarted for it.
import { edge, hosts, imageSet, programIdentity } from '../types.bicep'
import { laneResource } from '../naming.bicep'

param location string
param tags object

@description('Resource id of the Container Apps environment.')
param environmentId string

param edges edge[]
param identity programIdentity

@description('Such as name.azurecr.io.')
param registryServer string

param images imageSet
param blobUri string
param tableUri string

@description('Public keys that snapshots and engines must be signed with, in PEM. No secret; a volume is how a file gets in.')
@minLength(1)
param trustedKeys string

@description('Blobs that hold each target\'s snapshot, as the functions have it.')
param snapshotReplicas int

resource app 'Microsoft.App/containerApps@2026-01-01' = [
  for entry in edges: {
    name: laneResource('edge', entry.target, entry.runtime)
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
        activeRevisionsMode: 'Single'
        maxInactiveRevisions: 5
        ingress: {
          external: entry.external
          targetPort: 8080
          transport: 'http'
          allowInsecure: false
        }
        registries: [
          {
            server: registryServer
            identity: identity.id
          }
        ]
        secrets: [
          {
            name: 'trusted-keys'
            value: trustedKeys
          }
        ]
      }
      template: {
        terminationGracePeriodSeconds: 60
        containers: [
          {
            name: 'edge'
            image: hosts[string(entry.host)].gpu ? images.edgeGpu : images.edgeCpu
            resources: {
              cpu: hosts[string(entry.host)].cpu
              memory: hosts[string(entry.host)].memory
            }
            env: [
              { name: 'Edge__Target', value: entry.target }
              { name: 'Edge__Runtime', value: entry.runtime }
              { name: 'Edge__Urls', value: 'http://0.0.0.0:8080' }
              { name: 'Edge__CacheDirectory', value: '/scratch/edge' }
              { name: 'Edge__TrustedKeys', value: '/keys/trusted.pem' }
              { name: 'Edge__RouteReplicas', value: string(snapshotReplicas) }
              // Nothing reads it: a changed secret alone makes no new revision, and edges read their keys when they start.
              { name: 'TRUSTED_KEYS_DIGEST', value: uniqueString(trustedKeys) }
              // The load balancer looks every five seconds and forgets a replica after two looks.
              { name: 'Edge__DrainDelay', value: '00:00:15' }
              { name: 'Edge__StopTimeout', value: '00:00:30' }
              { name: 'Pipeline__BlobServiceUri', value: blobUri }
              { name: 'Pipeline__TableServiceUri', value: tableUri }
              { name: 'Pipeline__ManagedIdentityClientId', value: identity.clientId }
            ]
            probes: [
              {
                type: 'Startup'
                httpGet: { path: '/v2/health/live', port: 8080 }
                periodSeconds: 5
                failureThreshold: 10
              }
              {
                type: 'Liveness'
                httpGet: { path: '/v2/health/live', port: 8080 }
                periodSeconds: 10
                timeoutSeconds: 5
                failureThreshold: 3
              }
              {
                type: 'Readiness'
                httpGet: { path: '/v2/health/ready', port: 8080 }
                periodSeconds: 5
                timeoutSeconds: 3
                failureThreshold: 2
              }
            ]
            volumeMounts: [
              {
                volumeName: 'scratch'
                mountPath: '/scratch'
              }
              {
                volumeName: 'keys'
                mountPath: '/keys'
              }
            ]
          }
        ]
        scale: {
          minReplicas: entry.replicasMinimum
          maxReplicas: entry.replicasMaximum
          rules: [
            {
              name: 'requests'
              http: {
                metadata: {
                  concurrentRequests: string(entry.concurrentRequests)
                }
              }
            }
          ]
        }
        volumes: [
          {
            name: 'scratch'
            storageType: 'EmptyDir'
          }
          {
            name: 'keys'
            storageType: 'Secret'
            secrets: [
              {
                secretRef: 'trusted-keys'
                path: 'trusted.pem'
              }
            ]
          }
        ]
      }
    }
  }
]

@description('Where each answers.')
output urls array = [
  for (entry, index) in edges: {
    lane: '${entry.target}/${entry.runtime}'
    url: 'https://${app[index].properties.configuration.ingress.fqdn}'
  }
]
