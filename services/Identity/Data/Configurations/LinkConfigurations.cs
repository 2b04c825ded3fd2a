using BotGeneric.Identity.Domain;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace BotGeneric.Identity.Data.Configurations;

internal sealed class MergeIntentConfiguration : IEntityTypeConfiguration<MergeIntent>
{
    public void Configure(EntityTypeBuilder<MergeIntent> builder)
    {
        builder.ToTable("merge_intents", table => table.HasCheckConstraint("ck_merge_intents_two", "kept_user_id <> absorbed_user_id"));
        builder.Property(intent => intent.Id).ValueGeneratedNever();
        builder.HasIndex(intent => intent.SessionId);
        builder.HasIndex(intent => intent.ExpiresAt);
    }
}

internal sealed class ChatLinkConfiguration : IEntityTypeConfiguration<ChatLink>
{
    public void Configure(EntityTypeBuilder<ChatLink> builder)
    {
        builder.ToTable("chat_links");
        builder.Property(link => link.Id).ValueGeneratedNever();
        builder.Property(link => link.TelegramUserId).HasMaxLength(100);
        builder.Property(link => link.TelegramName).HasMaxLength(200);
        builder.Property(link => link.TelegramUserName).HasMaxLength(100);
        builder.HasIndex(link => link.SecretHash).IsUnique();
        builder.HasIndex(link => link.SessionId);
        builder.HasIndex(link => link.UserId);
        builder.HasIndex(link => link.ExpiresAt);
    }
}
