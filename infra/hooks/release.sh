#!/bin/sh
# After provisioning: the images of this commit in the environment's registry, the public keys that edges trust, and the
# package of the function app. What is there already is left alone, so running it again changes nothing.
#   PIPELINE_IMAGE_SOURCE  where finished images are taken from, such as ghcr.io/owner/repository; default: they are built
#   PIPELINE_IMAGE_USER, PIPELINE_IMAGE_TOKEN  who reads there
set -eu
cd "$(dirname "$0")/../.."

release=$(git rev-parse --short=12 HEAD)
if [ -n "$(git status --porcelain)" ]; then
  # Work that is not committed gets a name of its own, so that no tag ever means two things.
  release="$release-$( (git diff HEAD; git ls-files -z --others --exclude-standard | xargs -0 -r cat) |
    git hash-object --stdin | cut -c1-8)"
fi
registry=${AZURE_CONTAINER_REGISTRY_ENDPOINT%%.*}

image() { # program variant
  tag="$1:$release-$2"
  if az acr repository show --name "$registry" --image "$tag" --output none 2>/dev/null; then return; fi
  if [ -n "${PIPELINE_IMAGE_SOURCE:-}" ]; then
    echo "Taking $tag from $PIPELINE_IMAGE_SOURCE ..."
    az acr import --name "$registry" --source "$PIPELINE_IMAGE_SOURCE/$tag" --image "$tag" \
      --username "$PIPELINE_IMAGE_USER" --password "$PIPELINE_IMAGE_TOKEN"
  else
    echo "Building $tag in the registry (the first one with TensorRT takes long) ..."
    az acr build --registry "$registry" --image "$tag" --file "$1/Dockerfile" --target "$2" --timeout 7200 .
  fi
}

image gpu-worker cpu
image edge cpu
if [ "$PIPELINE_HAS_GPU" = true ]; then
  image gpu-worker gpu
  image edge gpu
fi
azd env set PIPELINE_RELEASE "$release"

# Every version of the key that is enabled: after a rotation edges trust both until the old one is disabled.
public_keys() {
  folder=$(mktemp -d)
  versions=$(az keyvault key list-versions --vault-name "$PIPELINE_KEY_VAULT" --name "$PIPELINE_SIGNING_KEY" \
    --query '[?attributes.enabled].kid' --output tsv) || return 1
  for version in $versions; do
    az keyvault key download --id "$version" --encoding PEM --file "$folder/key.pem" --output none || return 1
    cat "$folder/key.pem"
    rm "$folder/key.pem"
  done
}

# The right to read them was given moments ago, and takes up to some minutes to be known everywhere.
tries=0
until keys=$(public_keys) && [ -n "$keys" ]; do
  tries=$((tries + 1))
  if [ -n "${PIPELINE_TRUSTED_KEYS:-}" ]; then
    echo "The vault '$PIPELINE_KEY_VAULT' cannot be read from here; edges go on trusting the keys that they know."
    keys=
    break
  fi
  if [ "$tries" -ge 20 ]; then
    echo "The public keys in '$PIPELINE_KEY_VAULT' cannot be read: '$AZURE_PRINCIPAL_ID' needs the role Key Vault Reader on it." >&2
    exit 1
  fi
  sleep 15
done
if [ -n "$keys" ]; then azd env set PIPELINE_TRUSTED_KEYS "$(echo "$keys" | base64 | tr -d '\n')"; fi

# The functions sign with one version until somebody names another one: a new version must be trusted before it is used.
if [ -z "${PIPELINE_SIGNING_KEY_VERSION:-}" ]; then
  newest=$(az keyvault key show --vault-name "$PIPELINE_KEY_VAULT" --name "$PIPELINE_SIGNING_KEY" --query key.kid --output tsv)
  azd env set PIPELINE_SIGNING_KEY_VERSION "${newest##*/}"
fi

rm -rf artifacts/functions artifacts/functions.zip
dotnet publish functions/Functions.csproj -c Release -p:FunctionsHost=azure -p:NuGetAudit=true -o artifacts/functions
(cd artifacts/functions && zip --quiet --recurse-paths ../functions.zip .)
