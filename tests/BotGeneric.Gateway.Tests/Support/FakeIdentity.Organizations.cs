using System.Collections.Concurrent;
using BotGeneric.Contracts.Identity;
using Microsoft.AspNetCore.Http;
using Microsoft.IdentityModel.JsonWebTokens;

namespace BotGeneric.Gateway.Tests.Support;

/// <summary>In whose name a session acts, and how that is chosen.</summary>
public sealed partial class FakeIdentity
{
    private readonly ConcurrentDictionary<string, string> _organizations = new();

    // POST /api/organizations/{id}/select: the session's next tokens name the organization, and the answer says which session that is.
    private async Task SelectAsync(HttpContext context)
    {
        var organization = context.Request.Path.Value!.Split('/')[^2];
        var session = new JsonWebToken(context.Request.Headers.Authorization.ToString()["Bearer ".Length..]).GetPayloadValue<string>("sid");
        _organizations[session] = organization;
        context.Response.Headers[InternalHeaders.SessionChanged] = session;
        await context.Response.WriteAsJsonAsync(new { id = organization });
    }
}
