#!/usr/bin/env bash
# Adds an Entity Framework migration to a service: scripts/add-migration.sh Billing AddInvoices
# The model is read without a database, so the connection strings only have to be well-formed.
set -euo pipefail
cd "$(dirname "$0")/.."
service=${1:?usage: scripts/add-migration.sh <Service> <MigrationName>}
name=${2:?usage: scripts/add-migration.sh <Service> <MigrationName>}
database="$(tr '[:upper:]' '[:lower:]' <<<"$service")-db"
project="services/$service"
[ "$service" != Gateway ] || project=gateway
dotnet tool restore >/dev/null
env Authentication__Issuer=http://localhost:8080/ "ConnectionStrings__$database=Host=localhost" ConnectionStrings__rabbitmq=amqp://localhost \
  ConnectionStrings__redis=localhost Session__ClientSecret=only-to-read-the-model-0123456789 \
  dotnet ef migrations add "$name" --project "$project" --output-dir Data/Migrations
