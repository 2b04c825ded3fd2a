using BotGeneric.Testing;

namespace BotGeneric.System.Tests;

/// <summary>The real application model on a machine that it cannot run on.</summary>
public sealed class RefusedStartTests
{
    [Fact]
    public async Task A_start_that_is_refused_says_why_and_ends_with_a_code_that_is_not_0()
    {
        await using var application = AppHostProcess.Launch(new AppHostProcessOptions { Arguments = ["--Engine:MinimumFreeMegabytes", "999999999"] });

        Assert.Equal(1, await application.WaitForExitAsync(TimeSpan.FromMinutes(3)));
        Assert.Contains(application.Output, line => line.Contains("999999999", StringComparison.Ordinal) || line.Contains("free", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Development", "bot.example")]
    [InlineData("Development", "https://bot.example/app")]
    [InlineData("Production", "http://bot.example")]
    [InlineData("Production", "")]
    public async Task A_wrong_public_address_is_refused_under_the_name_by_which_it_was_set(string environment, string address)
    {
        await using var application = AppHostProcess.Launch(new AppHostProcessOptions
        {
            Arguments = ["--PublicUrl", address],
            Environment = new Dictionary<string, string> { ["DOTNET_ENVIRONMENT"] = environment },
        });

        Assert.Equal(1, await application.WaitForExitAsync(TimeSpan.FromMinutes(3)));
        Assert.Contains(application.Output, line => line.StartsWith("PublicUrl is ", StringComparison.Ordinal));
        Assert.DoesNotContain(application.Output, line => line.Contains("Authentication:Issuer", StringComparison.Ordinal));
    }
}
