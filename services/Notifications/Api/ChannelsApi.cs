using BotGeneric.Contracts.Identity;
using BotGeneric.Notifications.Email;
using BotGeneric.ServiceDefaults.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace BotGeneric.Notifications.Api;

/// <summary>The ways on which people can be told something.</summary>
public static class ChannelsApi
{
    /// <summary>Maps <c>/api/notifications/channels</c>.</summary>
    /// <param name="app">The service.</param>
    public static void MapChannelsApi(this IEndpointRouteBuilder app) =>
        app.MapGroup("/api/notifications/channels")
            .WithTags("Channels")
            .RequireScope(ApiScopes.NotificationsWrite)
            .MapGet("/", List);

    /// <summary>The channels that this installation knows, and whether each is configured.</summary>
    internal static Ok<ChannelList> List(IOptions<EmailOptions> email) =>
        TypedResults.Ok(new ChannelList([new Channel("email", email.Value.IsConfigured)]));
}

/// <summary>The channels.</summary>
/// <param name="Items">All of them; there are few.</param>
public sealed record ChannelList(IReadOnlyList<Channel> Items);

/// <summary>A way on which people can be told something.</summary>
/// <param name="Name">Its name, such as <c>email</c>.</param>
/// <param name="IsConfigured">Whether this installation can use it.</param>
public sealed record Channel(string Name, bool IsConfigured);
