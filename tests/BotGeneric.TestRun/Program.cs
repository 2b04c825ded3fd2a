using BotGeneric.TestRun;

return args switch
{
    ["servers", var environmentFile, var parentProcessId] => await ServersCommand.RunAsync(environmentFile, parentProcessId),
    ["summary", var resultsFolder, .. var extraFailures] => SummaryCommand.Run(resultsFolder, extraFailures),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("""
        Usage:
          BotGeneric.TestRun servers <environment file> <parent process id>
            Starts PostgreSQL, Redis and RabbitMQ, writes their connection strings as shell variables into the file, and stops them at
            SIGTERM, at SIGINT, or when the parent process ends.
          BotGeneric.TestRun summary <folder with .trx files> [<failed step>...]
            Prints failed tests, the reason of every skipped test, and as its last line "N passed, N failed, N skipped".
        """);
    return 2;
}
