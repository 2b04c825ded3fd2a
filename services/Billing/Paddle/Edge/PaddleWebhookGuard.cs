using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;

namespace BotGeneric.Billing.Paddle.Edge;

/// <summary>Decides at receipt whether a delivery is Paddle's. Nothing of one that is refused is kept.</summary>
/// <param name="sources">Paddle's addresses.</param>
/// <param name="refusals">Counts and logs what is refused.</param>
/// <param name="options">Secrets, tolerance, and what is checked.</param>
/// <param name="host">Whether people pay here.</param>
/// <param name="timeProvider">The clock.</param>
internal sealed class PaddleWebhookGuard(
    PaddleSources sources, PaddleRefusalLog refusals, IOptions<PaddleOptions> options, IHostEnvironment host, TimeProvider timeProvider)
{
    /// <summary>
    /// The largest notifications are transactions of 100 lines, each with its price and product: some hundreds of kilobytes, and more with long
    /// custom data.
    /// </summary>
    internal const int MaximumBodyBytes = 2 * 1024 * 1024;

    private readonly bool _takesRehearsals = !host.IsProduction() || options.Value.AllowSandboxInProduction;

    /// <summary>Checks a delivery: the cheap checks first, the body only when they pass.</summary>
    /// <param name="request">The delivery.</param>
    /// <param name="cancellationToken">The sender has gone.</param>
    internal async Task<PaddleAdmission> AdmitAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var admission = CheckSource(request) is { } refusal
            ? new PaddleAdmission(null, [], refusal)
            : await CheckBodyAsync(request, cancellationToken);
        if (admission.Refusal is { } refused)
        {
            refusals.Refused(refused);
        }

        return admission;
    }

    private PaddleRefusal? CheckSource(HttpRequest request)
    {
        if (!options.Value.VerifySourceAddress)
        {
            return null;
        }

        switch (sources.Find(request.HttpContext.Connection.RemoteIpAddress))
        {
            case PaddleSource.Listed:
                return null;
            case PaddleSource.Unchecked:
                // The signature still stands; to refuse would be to lose what is paid when Paddle's API is away at a start.
                refusals.SourceUnchecked();
                return null;
            case PaddleSource.Hidden:
                return PaddleRefusal.SourceHidden;
            default:
                return PaddleRefusal.SourceAddress;
        }
    }

    private async Task<PaddleAdmission> CheckBodyAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (await ReadAsync(request, cancellationToken) is not { } body)
        {
            return new PaddleAdmission(null, [], PaddleRefusal.TooLarge);
        }

        var verdict = PaddleSignature.Verify(
            request.Headers[PaddleSignature.HeaderName], body, options.Value.WebhookSecrets, timeProvider.GetUtcNow(), options.Value.SignatureTolerance);
        var refusal = verdict switch
        {
            SignatureVerdict.Valid => (PaddleRefusal?)null,
            SignatureVerdict.Malformed => PaddleRefusal.Malformed,
            SignatureVerdict.Stale => PaddleRefusal.Stale,
            _ => PaddleRefusal.Mismatch,
        };
        if (refusal is not null)
        {
            return new PaddleAdmission(null, [], refusal);
        }

        return PaddleEvent.TryRead(body) switch
        {
            null => new PaddleAdmission(null, [], PaddleRefusal.InvalidBody),
            { IsRehearsal: true } when !_takesRehearsals => new PaddleAdmission(null, [], PaddleRefusal.Rehearsal),
            var read => new PaddleAdmission(read, body, null),
        };
    }

    /// <summary>The bytes as they arrived; null when there are too many.</summary>
    private static async Task<byte[]?> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (request.ContentLength > MaximumBodyBytes)
        {
            return null;
        }

        // The bound is kept here, where it is counted and answered like every other refusal; the server's own throws, and counts the framing of chunks.
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = MaximumBodyBytes * 2;
        }

        using var buffer = new MemoryStream((int)(request.ContentLength ?? 8 * 1024));
        var piece = new byte[16 * 1024];
        while (await request.Body.ReadAsync(piece, cancellationToken) is var read and > 0)
        {
            if (buffer.Length + read > MaximumBodyBytes)
            {
                return null;
            }

            buffer.Write(piece, 0, read);
        }

        return buffer.ToArray();
    }
}

/// <summary>What the guard decided.</summary>
/// <param name="Event">The event; null when it is refused.</param>
/// <param name="Body">Its bytes, as they were signed.</param>
/// <param name="Refusal">Why it is refused; null when it is not.</param>
internal sealed record PaddleAdmission(PaddleEvent? Event, byte[] Body, PaddleRefusal? Refusal);
