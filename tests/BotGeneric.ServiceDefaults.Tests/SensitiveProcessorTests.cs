using System.Diagnostics;
using BotGeneric.ServiceDefaults.Telemetry;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Logs;

namespace BotGeneric.ServiceDefaults.Tests;

public sealed class SensitiveProcessorTests
{
    private const string Secret = "bg_live_0123456789abcdef";

    [Fact]
    public void No_part_of_an_exported_log_record_holds_a_secret()
    {
        var exported = new List<string>();
        using (var factory = LoggerFactory.Create(logging => logging.AddOpenTelemetry(options =>
        {
            options.IncludeFormattedMessage = true;
            options.AddProcessor(new SensitiveLogProcessor());
            options.AddProcessor(new SimpleLogRecordExportProcessor(new TextExporter(exported)));
        })))
        {
            factory.CreateLogger("test").LogError(
                new InvalidOperationException($"refused {Secret}"), "Key {Key} at {Url} and {Path}", Secret, new Uri($"https://example.org/?token={Secret}"), new PathString($"/telegram/webhook/{Secret}"));
        }

        var record = Assert.Single(exported);
        Assert.Contains("InvalidOperationException", record, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, record, StringComparison.Ordinal);
    }

    [Fact]
    public void A_span_with_a_secret_in_an_event_is_not_exported()
    {
        using var source = new ActivitySource(nameof(SensitiveProcessorTests));
        using var listener = new ActivityListener
        {
            ShouldListenTo = heard => heard.Name == nameof(SensitiveProcessorTests),
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
        };
        ActivitySource.AddActivityListener(listener);
        using var processor = new SensitiveSpanProcessor();

        using var secret = source.StartActivity("secret")!;
        secret.AddException(new InvalidOperationException($"refused {Secret}"));
        processor.OnEnd(secret);
        using var plain = source.StartActivity("plain")!;
        plain.AddException(new InvalidOperationException("refused"));
        processor.OnEnd(plain);

        Assert.False(secret.Recorded);
        Assert.True(plain.Recorded);
    }

    /// <summary>Everything that an exporter could write of a record, as text.</summary>
    private sealed class TextExporter(List<string> exported) : BaseExporter<LogRecord>
    {
        public override ExportResult Export(in Batch<LogRecord> batch)
        {
            foreach (var record in batch)
            {
                exported.Add(string.Join('\n', [record.FormattedMessage, record.Exception?.ToString(), .. (record.Attributes ?? []).Select(pair => $"{pair.Key}={pair.Value}")]));
            }

            return ExportResult.Success;
        }
    }
}
