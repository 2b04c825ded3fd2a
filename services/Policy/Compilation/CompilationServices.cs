using BotGeneric.Contracts.Identity.V1;
using BotGeneric.Contracts.Policy.V1;
using BotGeneric.Messaging;
using BotGeneric.Messaging.Broadcasts;
using BotGeneric.Policy.Data;
using BotGeneric.Policy.Messaging;
using BotGeneric.Policy.Policies;
using BotGeneric.Policy.WhatIf;
using Microsoft.Extensions.Options;

namespace BotGeneric.Policy.Compilation;

/// <summary>Registers what limits are and where they come from.</summary>
public static class CompilationServices
{
    /// <summary>Adds the policies, what is set for single accounts, and what is compiled of both.</summary>
    /// <param name="builder">The service.</param>
    public static void AddPolicies(this WebApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddSingleton<EvictionStamps>();
        builder.Services.AddSingleton<PolicyStore>();
        builder.Services.AddSingleton<CompiledAccounts>();
        builder.Services.AddSingleton<ICompiledAccounts>(services => services.GetRequiredService<CompiledAccounts>());
        builder.Services.AddSingleton<ICompiledAccountsExplainer>(services => services.GetRequiredService<CompiledAccounts>());
        builder.Services.AddSingleton<PolicyAnnouncer>();
        builder.Services.AddScoped<PolicyJournal>();
        builder.Services.AddScoped<PolicyCatalogue>();
        builder.Services.AddScoped<AccountRuleBook>();
        builder.Services.AddOptions<WhatIfOptions>().BindConfiguration(WhatIfOptions.SectionName).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddHttpClient<UsageLedgerClient>((services, client) =>
            client.BaseAddress = services.GetRequiredService<IOptions<WhatIfOptions>>().Value.UsageAddress);
        builder.Services.AddScoped<WhatIfStudy>();
        builder.Services.AddSingleton<PolicyChangeListener>();
        builder.Services.AddSingleton<MembershipListener>();
        builder.AddBroadcasts("policy", broadcasts => broadcasts
            .On<PolicyChanged, PolicyChangeListener>()
            .On<MembershipChanged, MembershipListener>());
    }

    /// <summary>Says what is said of policies, and hears what they depend on.</summary>
    /// <param name="messaging">The service's messaging.</param>
    public static void AddPolicyEvents(this MessagingBuilder<PolicyDbContext> messaging)
    {
        ArgumentNullException.ThrowIfNull(messaging);
        messaging.Publishes<PolicyChanged>();
        messaging.Consumes<OrganizationCreated, OrganizationCreatedHandler>();
    }
}
