using System.Text.Json;
using BotGeneric.Contracts.Billing.V1;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace BotGeneric.Billing.Data;

/// <summary>Entitlements as one jsonb column: they are read and replaced as a whole.</summary>
internal sealed class EntitlementsConverter() : ValueConverter<IReadOnlyList<Entitlement>, string>(
    entitlements => JsonSerializer.Serialize(entitlements, JsonSerializerOptions.Web),
    json => JsonSerializer.Deserialize<Entitlement[]>(json, JsonSerializerOptions.Web) ?? Array.Empty<Entitlement>());

/// <summary>Entitlements are equal when their entries are.</summary>
internal sealed class EntitlementsComparer() : ValueComparer<IReadOnlyList<Entitlement>>(
    (left, right) => left!.SequenceEqual(right!),
    entitlements => entitlements.Aggregate(0, (hash, entitlement) => HashCode.Combine(hash, entitlement)),
    entitlements => entitlements.ToArray());
