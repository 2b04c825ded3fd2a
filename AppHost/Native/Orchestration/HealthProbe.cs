namespace BotGeneric.AppHost.Native;

/// <summary>Asks a resource's health addresses.</summary>
internal sealed class HealthProbe(IResourceWithEndpoints resource, HttpClient http)
{
    private const int LongestBody = 300;

    private readonly List<HttpHealthCheckAnnotation> _checks = [.. resource.Annotations.OfType<HttpHealthCheckAnnotation>()];

    /// <summary>Null when every address answers as it should, else why not. A resource without health checks is always healthy.</summary>
    public async Task<string?> CheckAsync(CancellationToken cancellationToken)
    {
        foreach (var check in _checks)
        {
            if (await CheckAsync(check, cancellationToken) is { } reason)
            {
                return reason;
            }
        }

        return null;
    }

    private async Task<string?> CheckAsync(HttpHealthCheckAnnotation check, CancellationToken cancellationToken)
    {
        var url = new EndpointReference(resource, check.EndpointName).Url + check.Path;
        try
        {
            using var response = await http.GetAsync(url, cancellationToken);
            if ((int)response.StatusCode == check.StatusCode)
            {
                return null;
            }

            var body = await response.Content.ReadAsStringAsync(cancellationToken);
            return $"{url} answered {(int)response.StatusCode} {body[..Math.Min(body.Length, LongestBody)]}".TrimEnd();
        }
        catch (HttpRequestException exception)
        {
            return $"{url}: {exception.Message}";
        }
        catch (TaskCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return $"{url} did not answer in time";
        }
    }
}
