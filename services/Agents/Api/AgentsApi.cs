using System.ComponentModel;
using BotGeneric.Agents.Data;
using BotGeneric.Agents.Domain;
using BotGeneric.Contracts.Identity;
using BotGeneric.ServiceDefaults.Authentication;
using BotGeneric.ServiceDefaults.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Agents.Api;

/// <summary>What answers people.</summary>
public static class AgentsApi
{
    /// <summary>Maps <c>/api/agents</c>.</summary>
    /// <param name="app">The service.</param>
    public static void MapAgentsApi(this IEndpointRouteBuilder app) =>
        app.MapGroup("/api/agents")
            .WithTags("Agents")
            .RequireScope(ApiScopes.AgentsRead)
            .MapGet("/", ListAsync);

    /// <summary>Agents, newest first.</summary>
    internal static async Task<Results<Ok<Page<AgentSummary>>, ProblemHttpResult>> ListAsync(
        AgentsDbContext db,
        CancellationToken cancellationToken,
        [Description("From the previous page's nextCursor.")] string? cursor = null,
        [Description("1 to 200, 50 by default.")] int? limit = null)
    {
        var request = PageRequest<Position>.Read(cursor, limit);
        if (request.Problem is { } problem)
        {
            return problem;
        }

        var query = db.Agents.AsNoTracking();
        if (request.After is { } after)
        {
            query = query.Where(agent => agent.Id < after.Id);
        }

        // UUIDv7 sorts by creation.
        var rows = await query.OrderByDescending(agent => agent.Id).Take(request.Size + 1).ToListAsync(cancellationToken);
        var page = Page<Agent>.From(rows, request.Size, agent => new Position(agent.Id));
        return TypedResults.Ok(new Page<AgentSummary>([.. page.Items.Select(AgentSummary.From)], page.NextCursor));
    }

    private sealed record Position(Guid Id);
}

/// <summary>An agent.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">What people call it.</param>
/// <param name="CreatedAt">When it was made, UTC.</param>
public sealed record AgentSummary(Guid Id, string Name, DateTimeOffset CreatedAt)
{
    internal static AgentSummary From(Agent agent) => new(agent.Id, agent.Name, agent.CreatedAt);
}
