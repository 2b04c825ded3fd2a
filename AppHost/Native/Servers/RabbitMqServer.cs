using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace BotGeneric.AppHost.Native;

/// <summary>
/// RabbitMQ as a plain process: loopback only, an own user, and its own Erlang port mapper, so that it neither meets nor disturbs a
/// broker that the system runs.
/// </summary>
internal sealed class RabbitMqServer(string name, string password, DataDirectory data) : NativeServer(name)
{
    public const string UserName = "bot-generic";

    // Debian's /usr/sbin/rabbitmq-server switches user and folder on its own; this is the program behind it.
    private const string DebianProgram = "/usr/lib/rabbitmq/bin/rabbitmq-server";

    private readonly SystemUser? _user = SystemUser.ForServer("rabbitmq");
    private readonly int _portMapperPort = Ports.Free();
    private readonly int _distributionPort = Ports.Free();
    private string? _program;
    private string? _portMapper;

    public string ConnectionString => $"amqp://{UserName}:{password}@127.0.0.1:{Port}";

    public override Task PrepareAsync(CancellationToken cancellationToken)
    {
        _program = Binaries.FindServer("rabbitmq-server", DebianProgram)
            ?? throw Binaries.Missing("RabbitMQ", "rabbitmq-server");
        _portMapper = Binaries.FindServer("epmd") ?? throw Binaries.Missing("Erlang, which RabbitMQ needs,", "erlang-base");
        UseFolder(data, _user);
        PrivateFile.Write(InFolder("rabbitmq.conf"), $"""
            listeners.tcp.default = 127.0.0.1:{Port}
            default_user = {UserName}
            default_pass = {password}
            default_user_tags.administrator = true
            loopback_users = none
            vm_memory_high_watermark.relative = 0.25
            disk_free_limit.absolute = 256MB
            log.console = true
            log.console.level = info
            log.file = false

            """, _user);
        PrivateFile.Write(InFolder("enabled_plugins"), "[].\n", _user);
        PrivateFile.Write(InFolder("rabbitmq-env.conf"), "", _user);
        return Task.CompletedTask;
    }

    public override IReadOnlyList<ProcessSpec> Processes() =>
    [
        new ProcessSpec
        {
            Name = Name + "-port-mapper",
            FileName = _portMapper!,
            Arguments = ["-address", "127.0.0.1", "-port", $"{_portMapperPort}"],
            WorkingDirectory = Folder,
            HiddenVariablePrefixes = ["ERL_", "RABBITMQ_"],
            User = _user,
        },
        new ProcessSpec
        {
            Name = Name,
            FileName = _program!,
            TurnsInto = ["erlexec", "beam.smp"],
            WorkingDirectory = Folder,
            Environment = ServerEnvironment(),
            HiddenVariablePrefixes = ["ERL_", "RABBITMQ_"],
            User = _user,
            OrphanSignal = Signal.Terminate,
            Grace = TimeSpan.FromSeconds(15),
        },
    ];

    public override async Task<string?> CheckAsync(CancellationToken cancellationToken)
    {
        var factory = new ConnectionFactory
        {
            HostName = "127.0.0.1",
            Port = Port,
            UserName = UserName,
            Password = password,
            AutomaticRecoveryEnabled = false,
            RequestedConnectionTimeout = TimeSpan.FromSeconds(3),
        };
        try
        {
            await using var connection = await factory.CreateConnectionAsync("health check", cancellationToken);
            await connection.CloseAsync(cancellationToken);
            return null;
        }
        catch (BrokerUnreachableException exception) when (exception.InnerException is AuthenticationFailureException)
        {
            throw UnusableData("RabbitMQ", Folder, "it does not accept the password in parameters.json");
        }
        catch (Exception exception) when (exception is BrokerUnreachableException or RabbitMQClientException or IOException)
        {
            return exception.InnerException?.Message ?? exception.Message;
        }
    }

    private Dictionary<string, string> ServerEnvironment() => new()
    {
        // Erlang keeps the cookie that admits command line tools here.
        ["HOME"] = Folder,
        ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
        ["ERL_EPMD_PORT"] = $"{_portMapperPort}",
        ["RABBITMQ_NODENAME"] = "bot-generic@localhost",
        ["RABBITMQ_DIST_PORT"] = $"{_distributionPort}",
        ["RABBITMQ_CONF_ENV_FILE"] = InFolder("rabbitmq-env.conf"),
        ["RABBITMQ_CONFIG_FILE"] = InFolder("rabbitmq.conf"),
        ["RABBITMQ_MNESIA_BASE"] = Folder,
        ["RABBITMQ_MNESIA_DIR"] = InFolder("data"),
        ["RABBITMQ_LOG_BASE"] = Folder,
        ["RABBITMQ_LOGS"] = "-",
        ["RABBITMQ_ENABLED_PLUGINS_FILE"] = InFolder("enabled_plugins"),
        ["RABBITMQ_PID_FILE"] = InFolder("pid"),
        // The start script then becomes the broker instead of staying in front of it, so that signals and exit codes are the broker's own.
        ["RABBITMQ_ALLOW_INPUT"] = "1",
        ["RABBITMQ_SERVER_START_ARGS"] = "-noinput",
        // Idle schedulers sleep at once: the machine is shared with everything else that runs here.
        ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] =
            "-kernel inet_dist_use_interface {127,0,0,1} +sbwt none +sbwtdcpu none +sbwtdio none",
    };

    private string InFolder(string file) => Path.Combine(Folder, file);
}
