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
env "ConnectionStrings__$database=Host=localhost" ConnectionStrings__rabbitmq=amqp://localhost ConnectionStrings__redis=localhost \
  dotnet ef migrations add "$name" --project "$project" --output-dir Data/Migrations
