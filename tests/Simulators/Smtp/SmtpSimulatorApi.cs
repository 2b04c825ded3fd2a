using System.ComponentModel;
using BotGeneric.ServiceDefaults.Problems;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BotGeneric.Simulators.Smtp;

/// <summary>What the simulated mail server has received, for tests and for people.</summary>
public static class SmtpSimulatorApi
{
    private const int MostListed = 200;

    /// <summary>Maps <c>/mail</c>, when the mail server is on.</summary>
    /// <param name="app">The simulators.</param>
    public static void MapSmtpSimulatorApi(this IEndpointRouteBuilder app)
    {
        if (app.ServiceProvider.GetService<SmtpServer>() is null)
        {
            return;
        }

        // On this machine only, and under no name that a foreign page could have given it.
        var group = app.MapGroup("/mail").WithTags("Mail").AllowAnonymous().RequireHost("localhost", "127.0.0.1");
        group.MapGet("/", ListPage).ExcludeFromDescription();
        group.MapGet("/{id:guid}", MessagePage).ExcludeFromDescription();
        group.MapGet("/messages", List).WithSummary("List received messages");
        group.MapGet("/messages/{id:guid}", Get).WithSummary("Show a message");
        group.MapGet("/messages/{id:guid}/html", Html).WithSummary("A message's HTML alone");
        group.MapDelete("/messages", Clear).WithSummary("Forget all messages and scenarios");
        group.MapPut("/scenarios", Set).WithSummary("Let something go wrong with a recipient");
        group.MapGet("/server", Server).WithSummary("Where the mail server listens");
    }

    internal static void AddSmtpSimulator(this WebApplicationBuilder builder)
    {
        if (!builder.Configuration.GetSection(SmtpSimulatorOptions.SectionName).Exists())
        {
            return;
        }

        builder.Services.AddOptions<SmtpSimulatorOptions>()
            .BindConfiguration(SmtpSimulatorOptions.SectionName)
            .ValidateDataAnnotations()
            .Validate(
                options => string.IsNullOrEmpty(options.User) == string.IsNullOrEmpty(options.Password), "Smtp:User and Smtp:Password belong together: set both or none.")
            .ValidateOnStart();
        builder.Services.AddSingleton<SmtpInbox>();
        builder.Services.AddSingleton<SmtpScenarios>();
        builder.Services.AddSingleton<SmtpServer>();
        builder.Services.AddHostedService(services => services.GetRequiredService<SmtpServer>());
    }

    /// <summary>Up to 200 messages, newest first.</summary>
    internal static Ok<MailList> List(SmtpInbox inbox, [Description("Only messages to this address.")] string? to = null) =>
        TypedResults.Ok(new MailList([.. inbox.List(to).Take(MostListed).Select(MailDetail.Summarize)]));

    /// <summary>A message with headers, text, HTML and links.</summary>
    internal static Results<Ok<MailDetail>, ProblemHttpResult> Get(Guid id, SmtpInbox inbox) =>
        inbox.Find(id) is { } mail ? TypedResults.Ok(MailDetail.Of(mail)) : Unknown(id);

    /// <summary>A message's HTML as a page of an origin of its own, in which no script runs and nothing is loaded.</summary>
    internal static Results<ContentHttpResult, ProblemHttpResult> Html(Guid id, SmtpInbox inbox, HttpResponse response)
    {
        if (inbox.Find(id) is not { } mail || MailDetail.Of(mail).Html is not { } html)
        {
            return Unknown(id);
        }

        Protect(response, MailPages.MessagePolicy);
        return TypedResults.Content($"<base target=\"_blank\">{html}", "text/html; charset=utf-8");
    }

    /// <summary>Forgets all messages, and what was set to go wrong.</summary>
    internal static NoContent Clear(SmtpInbox inbox, SmtpScenarios scenarios)
    {
        inbox.Clear();
        scenarios.Clear();
        return TypedResults.NoContent();
    }

    /// <summary>Sets what goes wrong with an address from now on. Without <c>trouble</c> all is well again.</summary>
    internal static Results<NoContent, ProblemHttpResult> Set(RecipientScenario scenario, SmtpScenarios scenarios)
    {
        if (scenario.Times is < 1)
        {
            return ApiProblems.Invalid("times", "Send a number of at least 1, or nothing for always.");
        }

        if (scenario.DelayMilliseconds is < 0 or > 600_000)
        {
            return ApiProblems.Invalid("delayMilliseconds", "Send 0 to 600000.");
        }

        scenarios.Set(scenario.Address, scenario.Trouble is { } trouble ? new SmtpScenario(trouble, scenario.Times, scenario.DelayMilliseconds) : null);
        return TypedResults.NoContent();
    }

    /// <summary>The port of the mail server, and the certificate to trust.</summary>
    internal static Ok<MailServerAddress> Server(SmtpServer server) =>
        TypedResults.Ok(new MailServerAddress("localhost", server.Port, server.Certificate?.ExportCertificatePem()));

    private static ContentHttpResult ListPage(SmtpInbox inbox, HttpResponse response, string? to = null)
    {
        Protect(response, MailPages.PagePolicy);
        return TypedResults.Content(MailPages.List([.. inbox.List(to).Take(MostListed).Select(MailDetail.Summarize)], to), "text/html; charset=utf-8");
    }

    private static Results<ContentHttpResult, ProblemHttpResult> MessagePage(Guid id, SmtpInbox inbox, HttpResponse response)
    {
        if (inbox.Find(id) is not { } mail)
        {
            return Unknown(id);
        }

        Protect(response, MailPages.PagePolicy);
        return TypedResults.Content(MailPages.Message(MailDetail.Of(mail)), "text/html; charset=utf-8");
    }

    private static void Protect(HttpResponse response, string policy)
    {
        response.Headers.ContentSecurityPolicy = policy;
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers["Referrer-Policy"] = "no-referrer";
        response.Headers.CacheControl = "no-store";
    }

    private static ProblemHttpResult Unknown(Guid id) => ApiProblems.NotFound($"There is no such message {id}.");
}

/// <summary>Received messages.</summary>
/// <param name="Items">The messages, newest first.</param>
public sealed record MailList(IReadOnlyList<MailSummary> Items);

/// <summary>What goes wrong with a recipient.</summary>
/// <param name="Address">The recipient.</param>
/// <param name="Trouble">What goes wrong; nothing when left out.</param>
/// <param name="Times">How often; always when left out.</param>
/// <param name="DelayMilliseconds">For <c>slow</c>: how late the answer is.</param>
public sealed record RecipientScenario(string Address, SmtpTrouble? Trouble = null, int? Times = null, int DelayMilliseconds = 3000);

/// <summary>Where the simulated mail server listens.</summary>
/// <param name="Host">The machine.</param>
/// <param name="Port">The port.</param>
/// <param name="Certificate">What it shows who asks for encryption, PEM; null when it offers none.</param>
public sealed record MailServerAddress(string Host, int Port, string? Certificate);
