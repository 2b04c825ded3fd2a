using BotGeneric.Messaging.Data;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Messaging;

/// <summary>Puts the table of merged accounts into the database of a service that keeps something by account.</summary>
public static class MergedAccountsModel
{
    /// <summary>Maps <c>merged_accounts</c>. The name is part of the SQL of <see cref="AccountAliases"/> and is the same in every service.</summary>
    /// <param name="modelBuilder">The model of the service's context.</param>
    public static ModelBuilder AddMergedAccounts(this ModelBuilder modelBuilder)
    {
        ArgumentNullException.ThrowIfNull(modelBuilder);
        modelBuilder.Entity<MergedAccount>(merged =>
        {
            merged.ToTable("merged_accounts", table => table.HasCheckConstraint("ck_merged_accounts_kept", "account_id <> kept_account_id"));
            merged.HasKey(row => row.AccountId).HasName("pk_merged_accounts");
            merged.Property(row => row.AccountId).HasColumnName("account_id").ValueGeneratedNever();
            merged.Property(row => row.KeptAccountId).HasColumnName("kept_account_id");
            merged.HasIndex(row => row.KeptAccountId).HasDatabaseName("ix_merged_accounts_kept_account_id");
        });
        return modelBuilder;
    }
}
