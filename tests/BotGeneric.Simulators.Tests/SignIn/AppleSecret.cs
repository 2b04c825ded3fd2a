using System.Security.Cryptography;
using BotGeneric.Simulators.SignIn.Apple;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace BotGeneric.Simulators.Tests.SignIn;

/// <summary>Writes the client secrets of the Apple-like provider, with the library that the application would use.</summary>
public static class AppleSecret
{
    /// <summary>One with the usual content, and what the test changes.</summary>
    public static string Create(
        SignInSimulatorHost host,
        string issuer = "SIMTEAM001",
        string subject = "com.example.development.signin",
        string audience = SignInSimulatorHost.Origin + "/sign-in/apple",
        string keyId = "SIMKEY0001",
        TimeSpan? lifetime = null,
        TimeSpan? age = null,
        ECDsa? key = null)
    {
        if (key is null)
        {
            key = ECDsa.Create();
            key.ImportFromPem(host.Services.GetRequiredService<AppleClientSecrets>().GeneratedPrivateKey);
        }

        var now = host.Clock.GetUtcNow().UtcDateTime - (age ?? TimeSpan.Zero);
        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = issuer,
            Audience = audience,
            IssuedAt = now,
            Expires = now + (lifetime ?? TimeSpan.FromMinutes(5)),
            Claims = new Dictionary<string, object> { ["sub"] = subject },
            SigningCredentials = new SigningCredentials(new ECDsaSecurityKey(key) { KeyId = keyId }, SecurityAlgorithms.EcdsaSha256),
        });
    }
}
