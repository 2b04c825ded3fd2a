using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BotGeneric.AppHost.Native;

/// <summary>Stops, starts and restarts single resources for whoever can read the token in <c>state.json</c>.</summary>
internal sealed class ResourceControl(Plan plan, string token, CancellationToken engineStopping)
{
    private readonly byte[] _authorization = Encoding.UTF8.GetBytes($"Bearer {token}");

    public async Task<Results<NoContent, UnauthorizedHttpResult, NotFound, ProblemHttpResult>> ApplyAsync(HttpContext http, string name, string action)
    {
        if (!CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(http.Request.Headers.Authorization.ToString()), _authorization))
        {
            return TypedResults.Unauthorized();
        }

        var runner = plan.Runners.FirstOrDefault(runner => runner.Name == name);
        if (runner is null || action is not ("start" or "stop" or "restart"))
        {
            return TypedResults.NotFound();
        }

        try
        {
            if (action is "stop" or "restart")
            {
                await runner.StopAsync(CancellationToken.None);
            }

            if (action is "start" or "restart")
            {
                // The process belongs to the engine, not to the request that asked for it.
                await runner.StartAsync(engineStopping);
            }

            return TypedResults.NoContent();
        }
        catch (EngineException exception)
        {
            return TypedResults.Problem(exception.ToString(), statusCode: StatusCodes.Status409Conflict);
        }
    }
}
