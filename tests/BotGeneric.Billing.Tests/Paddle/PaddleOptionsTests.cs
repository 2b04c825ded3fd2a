using BotGeneric.Billing.Paddle;
using BotGeneric.Billing.Paddle.Client;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Internal;

namespace BotGeneric.Billing.Tests.Paddle;

public sealed class PaddleOptionsTests
{
    private const string Live = "pdl_live_apikey_01secret_part";
    private const string Sandbox = "pdl_sdbx_apikey_01secret_part";

    [Theory]
    [InlineData(null, null, null, true)]
    [InlineData(null, Sandbox, null, true)]
    [InlineData(PaddleEnvironment.Live, Live, null, true)]
    [InlineData(PaddleEnvironment.Live, Live, "https://api.paddle.com", true)]
    [InlineData(PaddleEnvironment.Sandbox, Sandbox, "https://sandbox-api.paddle.com/", true)]
    [InlineData(PaddleEnvironment.Sandbox, Sandbox, "http://localhost:5000/paddle", true)]
    [InlineData(null, Live, null, false)]
    [InlineData(PaddleEnvironment.Live, Sandbox, null, false)]
    [InlineData(PaddleEnvironment.Live, "bearer", null, false)]
    [InlineData(PaddleEnvironment.Live, Live + "\n", null, false)]
    [InlineData(PaddleEnvironment.Live, Live, "https://sandbox-api.paddle.com", false)]
    [InlineData(PaddleEnvironment.Sandbox, Sandbox, "https://api.paddle.com", false)]
    [InlineData(PaddleEnvironment.Sandbox, Sandbox, "ftp://localhost", false)]
    [InlineData(PaddleEnvironment.Sandbox, Sandbox, "https://user:word@localhost", false)]
    public void A_key_and_an_address_must_be_of_the_environment(PaddleEnvironment? environment, string? key, string? url, bool valid)
    {
        var failures = Check("Development", new() { Environment = environment, ApiKey = key, ApiUrl = url is null ? null : new Uri(url) });

        Assert.Equal(valid, failures.Count == 0);
        Assert.All(failures, failure => Assert.DoesNotContain("secret_part", failure, StringComparison.Ordinal));
    }

    [Fact]
    public void A_key_of_the_other_environment_is_named_as_such() => Assert.Equal(
        "Paddle:ApiKey is a key of live, and Paddle:Environment is sandbox. Change one of them.",
        Assert.Single(Check("Development", new() { ApiKey = Live })));

    [Fact]
    public void Production_is_live_unless_it_is_told_that_nobody_pays_there()
    {
        Assert.Empty(Check(Environments.Production, new() { ApiKey = Live }));
        Assert.Contains("AllowSandboxInProduction", Assert.Single(Check(Environments.Production, new() { Environment = PaddleEnvironment.Sandbox })), StringComparison.Ordinal);
        Assert.Empty(Check(Environments.Production, new() { Environment = PaddleEnvironment.Sandbox, ApiKey = Sandbox, AllowSandboxInProduction = true }));
    }

    [Fact]
    public void Another_address_than_paddles_is_for_development_only()
    {
        Assert.NotEmpty(Check(Environments.Production, new() { ApiKey = Live, ApiUrl = new Uri("https://paddle.example") }));
        Assert.NotEmpty(Check(Environments.Production, new() { ApiKey = Live, ApiUrl = new Uri("http://api.paddle.com") }));
        Assert.NotEmpty(Check(Environments.Production, new() { ApiKey = Live, ApiUrl = new Uri("https://api.paddle.com.example") }));
        Assert.Empty(Check(Environments.Production, new() { ApiKey = Live, ApiUrl = new Uri("https://api.paddle.com/") }));
    }

    [Theory]
    [InlineData]
    [InlineData("")]
    [InlineData("pdl_ntfset_1", " ")]
    public void Without_a_secret_the_service_does_not_start(params string[] secrets) =>
        Assert.Contains("Paddle:WebhookSecrets", Assert.Single(Check("Development", new() { WebhookSecrets = secrets }, withSecret: false)), StringComparison.Ordinal);

    [Fact]
    public void Each_environment_has_its_address()
    {
        Assert.Equal("https://sandbox-api.paddle.com/", PaddleEndpoints.BaseOf(new(), isProduction: false).AbsoluteUri);
        Assert.Equal("https://api.paddle.com/", PaddleEndpoints.BaseOf(new(), isProduction: true).AbsoluteUri);
        Assert.Equal("http://localhost:5000/paddle/", PaddleEndpoints.BaseOf(new() { ApiUrl = new Uri("http://localhost:5000/paddle") }, false).AbsoluteUri);
    }

    private static IReadOnlyList<string> Check(string environment, PaddleOptions options, bool withSecret = true)
    {
        if (withSecret)
        {
            options.WebhookSecrets = ["pdl_ntfset_1"];
        }

        return [.. new PaddleOptionsValidator(new HostingEnvironment { EnvironmentName = environment }).Validate(null, options).Failures ?? []];
    }
}
