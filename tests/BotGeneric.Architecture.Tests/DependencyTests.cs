using System.Reflection;
using System.Text.RegularExpressions;
using BotGeneric.Contracts;
using BotGeneric.Testing;
using NetArchTest.Rules;

namespace BotGeneric.Architecture.Tests;

/// <summary>Who may depend on whom. The rules are explained in docs/architecture.md.</summary>
public sealed partial class DependencyTests
{
    private static readonly string[] SharedProjects =
        ["BotGeneric.ServiceDefaults", "BotGeneric.Contracts", "BotGeneric.Messaging", "BotGeneric.WebUi"];

    private static readonly string[] Outward =
    [
        "Microsoft.EntityFrameworkCore", "Npgsql", "Microsoft.AspNetCore", "MassTransit", "RabbitMQ", "StackExchange.Redis",
        "BotGeneric.Messaging", "BotGeneric.ServiceDefaults", "BotGeneric.Billing.Paddle", "System.Net.Http",
    ];

    private static readonly string[] ServiceNames =
        ["Agents", "Analytics", "Billing", "Identity", "Landing", "Notifications", "Policy", "Telegram", "Usage"];

    public static TheoryData<string> Services => [.. ServiceNames];

    [Fact]
    public void Every_folder_of_services_is_covered_by_these_tests() => Assert.Equal(
        ServiceNames,
        Directory.GetDirectories(Path.Combine(RepositoryPaths.Root, "services"))
            .Select(path => Path.GetFileName(path)!).Where(name => name != "Shared").Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Services))]
    public void A_service_references_what_is_shared_and_no_other_service(string service) =>
        Assert.Empty(OwnReferences(Load($"BotGeneric.{service}")).Except(SharedProjects));

    [Fact]
    public void The_gateway_holds_no_business_rule_it_references_what_is_shared_only() =>
        Assert.Empty(OwnReferences(Load("BotGeneric.Gateway")).Except(SharedProjects));

    [Fact]
    public void Contracts_reference_nothing_but_the_base_class_library() => Assert.All(
        typeof(IIntegrationEvent).Assembly.GetReferencedAssemblies(),
        reference => Assert.StartsWith("System.", reference.Name, StringComparison.Ordinal));

    [Fact]
    public void Service_defaults_know_no_business_types() =>
        Assert.Empty(OwnReferences(Load("BotGeneric.ServiceDefaults")));

    [Theory]
    [MemberData(nameof(Services))]
    public void A_domain_references_nothing_outward(string service)
    {
        var result = Types.InAssembly(Load($"BotGeneric.{service}"))
            .That().ResideInNamespaceStartingWith($"BotGeneric.{service}.Domain")
            .ShouldNot().HaveDependencyOnAny(Outward)
            .GetResult();

        Assert.True(result.IsSuccessful, string.Join(", ", result.FailingTypeNames ?? []));
    }

    [Theory]
    [MemberData(nameof(Services))]
    public void MassTransit_stays_inside_messaging(string service)
    {
        var result = Types.InAssembly(Load($"BotGeneric.{service}")).ShouldNot().HaveDependencyOnAny("MassTransit", "RabbitMQ").GetResult();

        Assert.True(result.IsSuccessful, string.Join(", ", result.FailingTypeNames ?? []));
    }

    [Fact]
    public void The_app_host_references_hosts_for_build_order_only()
    {
        var project = File.ReadAllText(Path.Combine(RepositoryPaths.Root, "AppHost", "BotGeneric.AppHost.csproj"));
        var references = ProjectReference().Matches(project).Select(match => match.Value).Where(reference => !reference.Contains("Native", StringComparison.Ordinal)).ToList();

        Assert.NotEmpty(references);
        Assert.All(references, reference => Assert.Contains("ReferenceOutputAssembly=\"false\"", reference, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Services))]
    public void A_service_connects_to_its_own_database_only(string service)
    {
        var names = Sources("services", service)
            .SelectMany(file => DatabaseName().Matches(File.ReadAllText(file)).Select(match => match.Groups[1].Value))
            .Distinct();

        Assert.Empty(names.Except([$"{service.ToLowerInvariant()}-db"]));
    }

    [Fact]
    public void No_service_knows_of_the_simulators() => Assert.All(
        Sources("services").Concat(Sources("gateway")).Concat(Sources("ServiceDefaults")),
        file => Assert.DoesNotContain("simulat", File.ReadAllText(file), StringComparison.OrdinalIgnoreCase));

    [Fact]
    public void The_clock_is_a_time_provider_everywhere() => Assert.All(
        Sources("services").Concat(Sources("gateway")).Concat(Sources("ServiceDefaults")).Concat(Sources("AppHost")),
        file => Assert.DoesNotMatch(Clock(), File.ReadAllText(file)));

    private static Assembly Load(string name) => Assembly.Load(name);

    private static IEnumerable<string> OwnReferences(Assembly assembly) => assembly.GetReferencedAssemblies()
        .Select(reference => reference.Name!)
        .Where(name => name.StartsWith("BotGeneric.", StringComparison.Ordinal))
        .Order(StringComparer.Ordinal);

    private static IEnumerable<string> Sources(params string[] folder) => Directory
        .EnumerateFiles(Path.Combine([RepositoryPaths.Root, .. folder]), "*.cs", SearchOption.AllDirectories)
        .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal));

    [GeneratedRegex("<ProjectReference[^>]*>")]
    private static partial Regex ProjectReference();

    [GeneratedRegex("\"([a-z]+-db)\"")]
    private static partial Regex DatabaseName();

    [GeneratedRegex(@"DateTime(Offset)?\.(UtcNow|Now)\b")]
    private static partial Regex Clock();
}
