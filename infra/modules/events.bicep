// A committed model in the models container becomes a message in the queue blob-events: no webhook, no key.
import { programIdentity } from '../types.bicep'
import { containers, eventDeadLetters, modelFile } from '../entities.bicep'

param name string

@description('The region of the storage account.')
param location string

param tags object

@description('Resource id of the storage account with the models.')
param storageId string

@description('Resource id of the queue that the events go to.')
param queueId string

@description('Who delivers; modules/access.bicep lets it send to the queue and write its dead letters.')
param identity programIdentity

resource topic 'Microsoft.EventGrid/systemTopics@2025-02-15' = {
  name: name
  location: location
  tags: tags
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identity.id}': {}
    }
  }
  properties: {
    source: storageId
    topicType: 'Microsoft.Storage.StorageAccounts'
  }
}

resource uploaded 'Microsoft.EventGrid/systemTopics/eventSubscriptions@2025-02-15' = {
  parent: topic
  name: 'model-uploaded'
  properties: {
    deliveryWithResourceIdentity: {
      identity: {
        type: 'UserAssigned'
        userAssignedIdentity: identity.id
      }
      destination: {
        endpointType: 'ServiceBusQueue'
        properties: {
          resourceId: queueId
        }
      }
    }
    filter: {
      includedEventTypes: [
        'Microsoft.Storage.BlobCreated'
      ]
      subjectBeginsWith: '/blobServices/default/containers/${containers.models}/blobs/'
      subjectEndsWith: '/${modelFile}'
      isSubjectCaseSensitive: true
      // Only blobs that are whole: an upload in blocks is one with its last call.
      advancedFilters: [
        {
          operatorType: 'StringIn'
          key: 'data.api'
          values: [
            'PutBlob'
            'PutBlockList'
            'CopyBlob'
            'FlushWithClose'
          ]
        }
      ]
    }
    eventDeliverySchema: 'EventGridSchema'
    retryPolicy: {
      maxDeliveryAttempts: 30
      eventTimeToLiveInMinutes: 1440
    }
    deadLetterWithResourceIdentity: {
      identity: {
        type: 'UserAssigned'
        userAssignedIdentity: identity.id
      }
      deadLetterDestination: {
        endpointType: 'StorageBlob'
        properties: {
          resourceId: storageId
          blobContainerName: eventDeadLetters
        }
      }
    }
  }
}
