using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace BotGeneric.Identity.Tests.Support;

/// <summary>Gives requests the address that a test wants them to come from; the test server has no connections.</summary>
internal sealed class ClientAddress : IStartupFilter
{
    public const string Header = "X-Test-Address";

    public static string Random() => $"10.{System.Random.Shared.Next(256)}.{System.Random.Shared.Next(256)}.{System.Random.Shared.Next(1, 255)}";

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use((context, following) =>
        {
            if (IPAddress.TryParse(context.Request.Headers[Header].ToString(), out var address))
            {
                context.Connection.RemoteIpAddress = address;
            }

            return following(context);
        });
        next(app);
    };
}
