#!/bin/sh
# Before provisioning: the app registration that callers of the management API sign in to, once for each environment.
# Whoever runs it may register applications in Entra. Nobody gets a token without one of the roles Read and Operate.
set -eu
cd "$(dirname "$0")/../.."

if [ -n "${PIPELINE_MANAGEMENT_CLIENT_ID:-}" ]; then exit 0; fi

name="promotion-pipeline-$AZURE_ENV_NAME"
graph=https://graph.microsoft.com/v1.0
# Azure CLI and azd, which people sign in with.
cli=04b07795-8ddb-461a-bbee-02f9e1bf7b46

# The list also has names that only begin alike, such as another environment's.
client=$(az ad app list --display-name "$name" --query "[?displayName=='$name'].appId | [0]" --output tsv)
if [ -z "$client" ]; then
  echo "Registering the application '$name' ..."
  client=$(az ad app create --display-name "$name" --sign-in-audience AzureADMyOrg --query appId --output tsv)
fi

az ad app update --id "$client" --identifier-uris "api://$client"
az rest --method PATCH --uri "$graph/applications(appId='$client')" --body @infra/hooks/management-app.json
scope=$(az ad app show --id "$client" --query 'api.oauth2PermissionScopes[0].id' --output tsv)
az rest --method PATCH --uri "$graph/applications(appId='$client')" --body \
  "{\"api\":{\"preAuthorizedApplications\":[{\"appId\":\"$cli\",\"delegatedPermissionIds\":[\"$scope\"]}]}}"

principal=$(az ad sp list --filter "appId eq '$client'" --query '[0].id' --output tsv)
if [ -z "$principal" ]; then principal=$(az ad sp create --id "$client" --query id --output tsv); fi
az ad sp update --id "$principal" --set appRoleAssignmentRequired=true

# Whoever deploys may operate; others are assigned in Entra. azd may not have looked yet who that is.
deployer=${AZURE_PRINCIPAL_ID:-$(az ad signed-in-user show --query id --output tsv 2>/dev/null || true)}
if [ -n "$deployer" ]; then
  role=$(az ad app show --id "$client" --query "appRoles[?value=='Operate'].id | [0]" --output tsv)
  az rest --method POST --uri "$graph/servicePrincipals/$principal/appRoleAssignedTo" --output none --body \
    "{\"principalId\":\"$deployer\",\"resourceId\":\"$principal\",\"appRoleId\":\"$role\"}" ||
    echo "The role Operate was not assigned to '$deployer'; it may have it already, or assign it in Entra."
fi

azd env set PIPELINE_MANAGEMENT_CLIENT_ID "$client"
