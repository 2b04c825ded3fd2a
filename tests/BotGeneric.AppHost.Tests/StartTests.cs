using System.Net.Http.Json;
using System.Text.Json;
using BotGeneric.Testing;

namespace BotGeneric.AppHost.Tests;

public sealed class StartTests
{
    private static readonly HttpClient Http = new();

    [Fact]
    public async Task A_resource_starts_only_when_what_it_waits_for_is_healthy()
    {
        await using var application = await AppHostProcess.StartAsync(TestApplication.Scenario("chain"));

        Assert.True(Line(application, "first", "healthy") < Line(application, "second", "starting"));
        Assert.True(Line(application, "second", "healthy") < Line(application, "third", "starting"));
        Assert.Equal(3, application.State.Resources.Values.Count(resource => resource.ProcessId is not null));
    }

    [Fact]
    public async Task A_process_is_told_its_addresses_and_those_of_others_by_Aspires_keys()
    {
        await using var application = await AppHostProcess.StartAsync(TestApplication.Scenario("chain"));

        var environment = await EnvironmentOfAsync(application, "second");

        Assert.Equal(Address(application, "second", "http"), environment["ASPNETCORE_URLS"]);
        Assert.Equal(application.AddressOf("second", "management").Port.ToString(), environment["Management__Port"]);
        Assert.Equal(Address(application, "first", "http"), environment["services__first__http__0"]);
        Assert.Equal(Address(application, "first", "management"), environment["services__first__management__0"]);
        Assert.Equal(Address(application, "first", "http") + "/path", environment["EXPRESSION"]);
        Assert.Equal("second", environment["OTEL_SERVICE_NAME"]);
        Assert.StartsWith("service.instance.id=", environment["OTEL_RESOURCE_ATTRIBUTES"]);
        Assert.Equal(new Uri(application.Traces, "/").ToString().TrimEnd('/'), environment["OTEL_EXPORTER_OTLP_ENDPOINT"]);
        Assert.Equal("http/protobuf", environment["OTEL_EXPORTER_OTLP_PROTOCOL"]);
    }

    [Fact]
    public async Task A_collector_given_from_outside_is_left_as_it_is()
    {
        var options = TestApplication.Scenario("chain") with
        {
            Environment = new Dictionary<string, string> { ["OTEL_EXPORTER_OTLP_ENDPOINT"] = "http://127.0.0.1:1" },
        };
        await using var application = await AppHostProcess.StartAsync(options);

        var environment = await EnvironmentOfAsync(application, "second");

        Assert.Equal("http://127.0.0.1:1", environment["OTEL_EXPORTER_OTLP_ENDPOINT"]);
        Assert.False(environment.ContainsKey("OTEL_EXPORTER_OTLP_PROTOCOL"));
    }

    [Fact]
    public async Task A_parameter_reaches_only_the_process_that_it_was_given_to()
    {
        var options = TestApplication.Scenario("chain") with
        {
            Environment = new Dictionary<string, string>
            {
                ["Parameters__generated"] = "a-secret-of-the-operator",
                ["parameters__paddle-api-key"] = "a-secret-of-the-operator",
                ["Parameters:smtp-password"] = "a-secret-of-the-operator",
                ["DOTNET_Parameters__own"] = "a-secret-of-the-operator",
            },
        };
        await using var application = await AppHostProcess.StartAsync(options);

        var given = await EnvironmentOfAsync(application, "second");
        var other = await EnvironmentOfAsync(application, "third");

        Assert.Equal("PARAMETER", Assert.Single(given, variable => variable.Value == "a-secret-of-the-operator").Key);
        Assert.DoesNotContain("a-secret-of-the-operator", other.Values);
        Assert.DoesNotContain(given.Keys.Concat(other.Keys), name => name.Contains("Parameters", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task A_generated_parameter_stays_the_same_and_only_its_owner_can_read_it()
    {
        using var folder = new TemporaryFolder("parameters");
        string generated;
        await using (var application = await AppHostProcess.StartAsync(TestApplication.Scenario("chain", folder.Path)))
        {
            generated = application.State.Parameters["generated"];
            Assert.Equal(32, generated.Length);
            await TestApplication.EventuallyAsync(() => application.Output.Contains($"  generated: {generated}"), "the parameter is shown");
            Assert.Equal(generated, (await EnvironmentOfAsync(application, "second"))["PARAMETER"]);
        }

        await using var again = await AppHostProcess.StartAsync(TestApplication.Scenario("chain", folder.Path));

        Assert.Equal(generated, again.State.Parameters["generated"]);
        const UnixFileMode ownerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        Assert.Equal(ownerOnly, File.GetUnixFileMode(Path.Combine(folder.Path, "parameters.json")));
        Assert.Equal(ownerOnly, File.GetUnixFileMode(Path.Combine(folder.Path, "state.json")));
    }

    [Fact]
    public async Task A_parameter_can_have_a_default_of_the_app_models_own_and_one_that_may_be_published_is_shown()
    {
        using var folder = new TemporaryFolder("parameters");
        string generated;
        await using (var application = await AppHostProcess.StartAsync(TestApplication.Scenario("chain", folder.Path)))
        {
            generated = application.State.Parameters["own"];
            Assert.StartsWith("own-", generated);
            await TestApplication.EventuallyAsync(() => application.Output.Contains("  shown: a value"), "the parameter is shown");
            Assert.DoesNotContain(application.Output, line => line.Contains("hidden:"));
        }

        await using var again = await AppHostProcess.StartAsync(TestApplication.Scenario("chain", folder.Path));

        Assert.Equal(generated, again.State.Parameters["own"]);
    }

    [Fact]
    public async Task A_generated_parameter_is_not_shown_in_production()
    {
        var options = TestApplication.Scenario("chain") with
        {
            Environment = new Dictionary<string, string> { ["DOTNET_ENVIRONMENT"] = "Production" },
        };
        await using var application = await AppHostProcess.StartAsync(options);

        Assert.Empty(application.State.Parameters);
        Assert.DoesNotContain(application.Output, line => line.Contains("generated:"));
    }

    [Fact]
    public async Task Warnings_are_printed_and_routine_messages_only_when_asked_for()
    {
        await using var quiet = await AppHostProcess.StartAsync(TestApplication.Scenario("chain"));
        await using var verbose = await AppHostProcess.StartAsync(TestApplication.Scenario("chain", null, "--verbose"));

        Assert.Contains(quiet.Output, line => line.Contains("first") && line.Contains("a suspicious message"));
        Assert.DoesNotContain(quiet.Output, line => line.Contains("a routine message"));
        Assert.Contains(verbose.Output, line => line.Contains("first") && line.Contains("a routine message"));
        var log = await File.ReadAllTextAsync(quiet.State.Resources["first"].Log);
        Assert.Contains("a routine message", log);
        Assert.Contains("a suspicious message", log);
    }

    [Fact]
    public async Task The_first_line_names_the_engine_and_how_to_choose_the_other()
    {
        await using var application = await AppHostProcess.StartAsync(TestApplication.Scenario("chain"));

        Assert.StartsWith("Engine: native", application.Output[0]);
        Assert.Contains("UseAspire=true", application.Output[0]);
    }

    private static async Task<Dictionary<string, string>> EnvironmentOfAsync(AppHostProcess application, string resource) =>
        (await Http.GetFromJsonAsync<Dictionary<string, string>>(
            new Uri(application.AddressOf(resource), "/environment"), JsonSerializerOptions.Web))!;

    private static string Address(AppHostProcess application, string resource, string endpoint) =>
        application.State.Resources[resource].Endpoints[endpoint];

    private static int Line(AppHostProcess application, string name, string state)
    {
        var index = application.Output.ToList().FindIndex(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, var n, var s, ..]
            && n == name && s.TrimEnd(':') == state);
        return index >= 0 ? index : throw new InvalidOperationException($"No line says that {name} is {state}.");
    }
}
