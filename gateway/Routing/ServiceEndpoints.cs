using Microsoft.Extensions.Options;

namespace BotGeneric.Gateway.Routing;

/// <summary>Where the services are: the service discovery keys <c>services:{name}:http:{n}</c>, one for each replica.</summary>
public sealed class ServiceEndpoints
{
    private const string SectionName = "services";

    private Dictionary<string, IReadOnlyList<Uri>> _addresses = [];

    /// <summary>The replicas of a service.</summary>
    /// <param name="service">One of <see cref="ServiceNames"/>.</param>
    /// <returns>Their base addresses; none for a service that is not part of this installation.</returns>
    public IReadOnlyList<Uri> Of(string service) => _addresses.GetValueOrDefault(service) ?? [];

    internal static void Register(IServiceCollection services) =>
        services.AddOptions<ServiceEndpoints>()
            .Configure<IConfiguration>((endpoints, configuration) => endpoints.Read(configuration.GetSection(SectionName)))
            .ValidateOnStart();

    private void Read(IConfigurationSection section) => _addresses = ServiceNames.All.ToDictionary(
        service => service,
        service => (IReadOnlyList<Uri>)[.. section.GetSection($"{service}:http").GetChildren().Select(Address)]);

    // Inside the system everything is plain HTTP; TLS ends in front of the gateway.
    private static Uri Address(IConfigurationSection key) =>
        Uri.TryCreate(key.Value, UriKind.Absolute, out var address) && address.Scheme == Uri.UriSchemeHttp
            ? address
            : throw new OptionsValidationException(
                SectionName, typeof(ServiceEndpoints), [$"{key.Path} is '{key.Value}'; set it to an address such as http://localhost:5001."]);
}
