using BotGeneric.AppHost.Native;

namespace BotGeneric.AppHost.Tests;

public sealed class LogFilterTests
{
    [Theory]
    [InlineData("warn SigningKeys: something is odd", true)]
    [InlineData("2026-11-22 21:49:45.957 UTC [1] a@b FATAL:  password authentication failed for user \"a\"", true)]
    [InlineData("2026-11-22 21:49:45.957 UTC [1] postgres@postgres FATAL:  the database system is starting up", false)]
    [InlineData("info Lifetime: all is well", false)]
    public void What_a_person_should_see_at_once_is_told_from_the_rest(string line, bool isImportant) =>
        Assert.Equal(isImportant, new LogFilter().IsImportant(line));
}
