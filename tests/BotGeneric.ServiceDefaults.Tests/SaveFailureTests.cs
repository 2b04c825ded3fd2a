using BotGeneric.ServiceDefaults.Data;
using BotGeneric.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace BotGeneric.ServiceDefaults.Tests;

public sealed class SaveFailureTests : IAsyncLifetime
{
    private readonly LogLines _log = new();
    private TestDatabase _database = null!;
    private TestService _service = null!;

    // Of everybody: what is no error must not be one to Entity Framework or the driver either.
    private IEnumerable<LogLine> Complaints => _log.All.Where(line => line.Level >= LogLevel.Warning);

    public async Task InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync("saves");
        await using (var connection = new NpgsqlConnection(_database.ConnectionString))
        {
            await connection.OpenAsync();
            await using var command = new NpgsqlCommand(
                "CREATE TABLE things (id uuid PRIMARY KEY, source text NOT NULL UNIQUE, amount integer NOT NULL CHECK (amount > 0))", connection);
            await command.ExecuteNonQueryAsync();
        }

        _service = await TestService.StartAsync(
            _ => { },
            builder =>
            {
                builder.AddServiceDatabase<ThingsContext>("things-db");
                builder.Logging.SetMinimumLevel(LogLevel.Warning).AddProvider(_log);
            },
            ("ConnectionStrings:things-db", _database.ConnectionString));
    }

    public async Task DisposeAsync()
    {
        await _service.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task What_somebody_else_saved_first_is_an_answer_and_no_error_in_the_log()
    {
        await SaveAsync(new Thing { Id = Guid.CreateVersion7(), Source = "march", Amount = 1 });

        await Assert.ThrowsAsync<DbUpdateException>(() => SaveAsync(new Thing { Id = Guid.CreateVersion7(), Source = "march", Amount = 1 }));

        Assert.Empty(Complaints);
    }

    [Fact]
    public async Task A_row_that_is_gone_is_an_answer_and_no_error_in_the_log()
    {
        await using var scope = _service.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ThingsContext>();
        db.Things.Remove(new Thing { Id = Guid.CreateVersion7(), Source = "april", Amount = 1 });

        await Assert.ThrowsAsync<DbUpdateConcurrencyException>(() => db.SaveChangesAsync());

        Assert.Empty(Complaints);
    }

    [Fact]
    public async Task A_text_that_cannot_be_kept_is_an_answer_and_no_error_in_the_log()
    {
        await Assert.ThrowsAsync<DbUpdateException>(() => SaveAsync(new Thing { Id = Guid.CreateVersion7(), Source = "a\0b", Amount = 1 }));

        Assert.Empty(Complaints);
    }

    [Fact]
    public async Task Whatever_else_cannot_be_saved_is_logged_once_as_an_error()
    {
        await Assert.ThrowsAsync<DbUpdateException>(() => SaveAsync(new Thing { Id = Guid.CreateVersion7(), Source = "may", Amount = -1 }));

        var line = Assert.Single(Complaints);
        Assert.Equal(LogLevel.Error, line.Level);
        Assert.IsType<DbUpdateException>(line.Exception);
    }

    private async Task SaveAsync(Thing thing)
    {
        await using var scope = _service.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ThingsContext>();
        db.Things.Add(thing);
        await db.SaveChangesAsync();
    }

    internal sealed class Thing
    {
        public Guid Id { get; init; }

        public required string Source { get; init; }

        public int Amount { get; init; }
    }

    internal sealed class ThingsContext(DbContextOptions<ThingsContext> options) : DbContext(options)
    {
        public DbSet<Thing> Things => Set<Thing>();
    }
}
