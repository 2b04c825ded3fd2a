using BotGeneric.Telegram.Domain;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace BotGeneric.Telegram.Data.Configurations;

internal sealed class BotConfiguration : IEntityTypeConfiguration<Bot>
{
    public void Configure(EntityTypeBuilder<Bot> builder)
    {
        builder.ToTable("bots", table => table.HasCheckConstraint("ck_bots_username", "username <> ''"));
        builder.HasKey(bot => bot.Id);
        builder.Property(bot => bot.Id).ValueGeneratedNever();
        builder.Property(bot => bot.Username).HasMaxLength(64);
        builder.HasIndex(bot => bot.Username).IsUnique();
    }
}
