using Microsoft.AspNetCore.DataProtection.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Gateway.Data;

/// <summary>What the gateway must not lose: the keys that protect its cookies and tickets. Sessions themselves are in Redis.</summary>
/// <param name="options">The connection.</param>
public sealed class GatewayDbContext(DbContextOptions<GatewayDbContext> options) : DbContext(options), IDataProtectionKeyContext
{
    /// <inheritdoc />
    public DbSet<DataProtectionKey> DataProtectionKeys => Set<DataProtectionKey>();
}
