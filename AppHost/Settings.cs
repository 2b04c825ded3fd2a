using Microsoft.Extensions.Hosting;

namespace BotGeneric.AppHost;

/// <summary>What the operator configures, and what takes its place in development.</summary>
internal sealed class Settings
{
    private readonly IDistributedApplicationBuilder _builder;
    private readonly bool _isProduction;

    public Settings(IDistributedApplicationBuilder builder)
    {
        _builder = builder;
        _isProduction = builder.Environment.IsProduction();
        // A generated secret has a name of its own: persisted under the configured name it would look like a vendor account at the next start.
        PaddleWebhookSecret = HasPaddle
            ? builder.AddParameter(ResourceNames.PaddleWebhookSecret, secret: true)
            : builder.AddParameter(ResourceNames.SimulatedPaddleWebhookSecret, Generated(), secret: true, persist: true);
        // The gateway's own, at the token server. In production it is configured, so that a deployment elsewhere can have the same.
        GatewayClientSecret = _isProduction
            ? builder.AddParameter(ResourceNames.GatewayClientSecret, secret: true)
            : builder.AddParameter(ResourceNames.GatewayClientSecret, Generated(), secret: true, persist: true);
        // Subscriptions carry what it has signed for years, so it must not change with the machine.
        BillingReferenceKey = _isProduction
            ? builder.AddParameter(ResourceNames.BillingReferenceKey, secret: true)
            : builder.AddParameter(ResourceNames.BillingReferenceKey, Generated(), secret: true, persist: true);
    }

    public IResourceBuilder<ParameterResource> PaddleWebhookSecret { get; }

    public IResourceBuilder<ParameterResource> GatewayClientSecret { get; }

    public IResourceBuilder<ParameterResource> BillingReferenceKey { get; }

    /// <summary>The folder of the native engine's data, by its own rule; what is no server's is there with the other engine, too.</summary>
    public string DataFolder => Path.GetFullPath(
        _builder.Configuration["data"] ?? _builder.Configuration["BOTGENERIC_DATA"] ?? Path.Combine(_builder.AppHostDirectory, "..", ".data"));

    public bool HasPaddle => _isProduction || IsSet(ResourceNames.PaddleWebhookSecret);

    public bool HasMailServer => _isProduction || IsSet(ResourceNames.SmtpHost);

    /// <summary>Whether a stand-in is needed for anything. In production none is.</summary>
    public bool NeedsSimulators => !_isProduction && !(HasPaddle && HasMailServer && SignInProviders.All.All(HasSignInProvider));

    public bool HasSignInProvider(SignInProvider provider) => _isProduction || IsSet(provider.Parameters[0].Name);

    /// <summary>
    /// Says under which origin people reach the system: tokens are issued by it and links lead to it. Behind a proxy of one's own it is another
    /// one than the gateway's.
    /// </summary>
    public void NamePublicOrigin(IEnumerable<IResourceBuilder<ProjectResource>> hosts, IResourceBuilder<ProjectResource> gateway)
    {
        foreach (var host in hosts)
        {
            foreach (var key in new[] { "Authentication__Issuer", "Operator__PublicUrl" })
            {
                _ = _builder.Configuration[PublicOrigin.Key] is { Length: > 0 } publicUrl
                    ? host.WithEnvironment(key, publicUrl)
                    : host.WithEnvironment(key, gateway.GetEndpoint("http"));
            }
        }
    }

    /// <summary>In whose name messages are written.</summary>
    public void NameOperator(IResourceBuilder<ProjectResource> notifications)
    {
        notifications.WithEnvironment("Operator__Name", _builder.Configuration["Operator:Name"] ?? "Bot-Generic");
        if (_builder.Configuration["Operator:SupportEmail"] is { Length: > 0 } supportEmail)
        {
            notifications.WithEnvironment("Operator__SupportEmail", supportEmail);
        }
    }

    /// <summary>Encrypts the keys of cookies and of what is stored encrypted. A development system stores them as they are.</summary>
    public void ProtectKeyRings(params IEnumerable<IResourceBuilder<ProjectResource>> hosts)
    {
        if (!_isProduction)
        {
            return;
        }

        var certificate = _builder.AddParameter(ResourceNames.DataProtectionCertificate, secret: true);
        foreach (var host in hosts)
        {
            host.WithEnvironment("DataProtection__Certificate", certificate);
        }
    }

    /// <summary>Somebody who can do everything, from the first start on. In production the operator configures the first admin at identity.</summary>
    public void AddFirstAdmin(IResourceBuilder<ProjectResource> identity)
    {
        if (_isProduction)
        {
            return;
        }

        identity
            .WithEnvironment(
                "Administration__InitialAdmin__Email",
                _builder.AddParameter(ResourceNames.DevelopmentAdminEmail, "admin@example.com", publishValueAsDefault: true))
            .WithEnvironment(
                "Administration__InitialAdmin__Password",
                _builder.AddParameter(ResourceNames.DevelopmentAdminPassword, Generated(), secret: true, persist: true))
            .WithEnvironment(
                "Administration__InitialAdmin__ApiKey",
                _builder.AddParameter(ResourceNames.DevelopmentAdminKey, new GeneratedApiKey(), secret: true, persist: true))
            .WithEnvironment("Administration__RequireSecondFactor", "false");
    }

    /// <summary>The operator's own account at Paddle. Only billing is handed its key; which of Paddle's worlds that is from has a default there.</summary>
    public void ConnectPaddle(IResourceBuilder<ProjectResource> billing)
    {
        if (!HasPaddle)
        {
            return;
        }

        // Outside of Production billing starts without a key, for somebody who tries out nothing but notifications.
        if (_isProduction || IsSet(ResourceNames.PaddleApiKey))
        {
            billing.WithEnvironment("Paddle__ApiKey", _builder.AddParameter(ResourceNames.PaddleApiKey, secret: true));
        }

        if (IsSet(ResourceNames.PaddleEnvironment))
        {
            billing.WithEnvironment("Paddle__Environment", _builder.AddParameter(ResourceNames.PaddleEnvironment));
        }
    }

    /// <summary>The operator's own mail server. Port, user and password have to be named only where they are needed.</summary>
    public void ConnectMailServer(IResourceBuilder<ProjectResource> notifications)
    {
        if (!HasMailServer)
        {
            return;
        }

        notifications
            .WithEnvironment("Email__Host", _builder.AddParameter(ResourceNames.SmtpHost))
            .WithEnvironment("Email__From", _builder.AddParameter(ResourceNames.EmailFrom));
        foreach (var (name, key, secret) in new[]
        {
            (ResourceNames.SmtpPort, "Email__Port", false), (ResourceNames.SmtpUser, "Email__User", false), (ResourceNames.SmtpPassword, "Email__Password", true),
        })
        {
            if (IsSet(name))
            {
                notifications.WithEnvironment(key, _builder.AddParameter(name, secret: secret));
            }
        }
    }

    /// <summary>The operator's own accounts at the providers of sign-in; one that is not configured is off.</summary>
    public void ConnectSignInProviders(IResourceBuilder<ProjectResource> identity)
    {
        foreach (var (name, key, secret) in SignInProviders.All.SelectMany(provider => provider.Parameters).Where(parameter => IsSet(parameter.Name)))
        {
            identity.WithEnvironment(key, _builder.AddParameter(name, secret: secret));
        }
    }

    /// <summary>The key between billing and the simulated Paddle, for where that one runs.</summary>
    public IResourceBuilder<ParameterResource> AddSimulatedPaddleKey() =>
        _builder.AddParameter(ResourceNames.SimulatedPaddleApiKey, new GeneratedPaddleKey(), secret: true, persist: true);

    private static GenerateParameterDefault Generated() => new() { MinLength = 32, Special = false };

    private bool IsSet(string parameter) => !string.IsNullOrEmpty(_builder.Configuration[$"Parameters:{parameter}"]);
}
