extern alias simulators;

using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using simulators::BotGeneric.Simulators.Smtp;

namespace BotGeneric.Notifications.Tests;

/// <summary>The stand-in for a mail server is as strict as a real one.</summary>
public sealed class MailServerTests : IClassFixture<MailServerTests.SimulatorApplication>
{
    private readonly HttpClient _http;

    public MailServerTests(SimulatorApplication application) => _http = application.CreateClient();

    [Theory]
    [InlineData("MAIL FROM:<a@b.example>", "503")]
    [InlineData("EHLO me|RCPT TO:<a@b.example>", "250,503")]
    [InlineData("EHLO me|DATA", "250,503")]
    [InlineData("EHLO", "501")]
    [InlineData("HELO me|NOOP|RSET|QUIT", "250,250,250,221")]
    [InlineData("EHLO me|MAIL FROM:a@b.example", "250,501")]
    [InlineData("EHLO me|MAIL FROM: <a@b.example>", "250,501")]
    [InlineData("EHLO me|MAIL FROM:<a@b.example", "250,501")]
    [InlineData("EHLO me|MAIL FROM:<nobody>", "250,501")]
    [InlineData("EHLO me|MAIL FROM:<>|RCPT TO:<>", "250,250,501")]
    [InlineData("EHLO me|MAIL FROM:<a@b.example> SIZE=999999999", "250,552")]
    [InlineData("EHLO me|MAIL FROM:<a@b.example> BODY=8BITMIME SIZE=10 SMTPUTF8|MAIL FROM:<a@b.example>", "250,250,503")]
    [InlineData("EHLO me|MAIL FROM:<a@b.example> WHAT=1", "250,555")]
    [InlineData("EHLO me|MAIL FROM:<я@b.example>", "250,553")]
    [InlineData("EHLO me|MAIL FROM:<a@b.example>|DATA", "250,250,554")]
    [InlineData("EHLO me|MAIL FROM:<a@b.example>|RCPT TO:<bounce@b.example>", "250,250,550")]
    [InlineData("EHLO me|MAIL FROM:<a@b.example>|RCPT TO:<busy+1@x.example>|RCPT TO:<busy+1@x.example>", "250,250,451,250")]
    [InlineData("EHLO me|STARTTLS", "250,502")]
    [InlineData("EHLO me|AUTH PLAIN AAA=", "250,502")]
    [InlineData("EXPN list", "500")]
    public async Task A_command_gets_the_reply_that_the_rules_want(string commands, string replies)
    {
        // All at once, as PIPELINING allows: the answers come in order.
        Assert.Equal(replies.Split(','), await TalkAsync(commands.Replace("|", "\r\n", StringComparison.Ordinal) + "\r\n", replies.Split(',').Length));
    }

    [Theory]
    [InlineData("EHLO me|MAIL FROM:<a@b.example>", "250,530")]
    [InlineData("EHLO me|AUTH PLAIN AG1haWxlcgBzZWNyZXQ=", "250,538")]
    [InlineData("STARTTLS", "503")]
    [InlineData("EHLO me|STARTTLS now", "250,501")]
    [InlineData("EHLO me|STARTTLS|EHLO smuggled", "250,503")]
    [InlineData("EHLO me|NOOP|RSET", "250,250,250")]
    public async Task A_server_that_demands_encryption_does_nothing_before_it(string commands, string replies)
    {
        await using var server = new SmtpServer(
            Options.Create(new SmtpSimulatorOptions { Encryption = SmtpEncryption.Required, User = "mailer", Password = "secret" }),
            new SmtpInbox(Options.Create(new SmtpSimulatorOptions())), new SmtpScenarios(), TimeProvider.System, NullLogger<SmtpServer>.Instance);
        await server.StartAsync(CancellationToken.None);

        Assert.Equal(
            replies.Split(','), await TalkAsync(server.Port, commands.Replace("|", "\r\n", StringComparison.Ordinal) + "\r\n", replies.Split(',').Length));
    }

    [Fact]
    public async Task Dots_are_taken_off_and_the_message_ends_at_the_dot_alone()
    {
        var to = $"dots-{Guid.CreateVersion7():N}@b.example";
        await TalkAsync(
            $"EHLO me\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<{to}>\r\nDATA\r\nSubject: dots\r\n\r\n..one\r\n...two\r\n.x\r\n.\r\nQUIT\r\n", 6);

        var mail = await DetailAsync(to);

        Assert.Equal(".one\r\n..two\r\nx", mail.GetProperty("text").GetString()!.TrimEnd().ReplaceLineEndings("\r\n"));
    }

    [Theory]
    [InlineData("a line\nwith a bare line feed", "550")]
    [InlineData("smuggled\n.\nMAIL FROM:<eve@evil.example>", "550")]
    [InlineData("LONG", "500")]
    public async Task A_message_with_wrong_lines_is_refused(string line, string reply)
    {
        var text = line == "LONG" ? new string('x', 999) : line;
        var replies = await TalkAsync($"EHLO me\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@b.example>\r\nDATA\r\n{text}\r\n.\r\nNOOP\r\n", 6);

        Assert.Equal(["250", "250", "250", "354", reply, "250"], replies);
    }

    [Fact]
    public async Task A_command_that_is_too_long_is_refused_and_the_next_is_heard() =>
        Assert.Equal(["500", "250"], await TalkAsync($"NOOP {new string('x', 100_000)}\r\nNOOP\r\n", 2));

    [Fact]
    public async Task The_inbox_shows_a_message_without_letting_it_do_anything()
    {
        var to = $"page-{Guid.CreateVersion7():N}@b.example";
        await TalkAsync(
            $"EHLO me\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<{to}>\r\nDATA\r\nSubject: <script>1</script>\r\nContent-Type: text/html\r\n\r\n" +
            "<script>alert(1)</script><a href=\"https://bot.example.com/?a=1&amp;b=2\">go</a><a href=\"javascript:alert(1)\">no</a>\r\n.\r\nQUIT\r\n", 6);
        var mail = await DetailAsync(to);
        var id = mail.GetProperty("summary").GetProperty("id").GetGuid();

        var list = await _http.GetStringAsync($"/mail?to={to}");
        var page = await _http.GetStringAsync($"/mail/{id}");
        using var html = await _http.GetAsync($"/mail/messages/{id}/html");

        Assert.Contains("&lt;script&gt;1", list, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", list + page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("href=\"javascript:", page, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("sandbox=", page, StringComparison.Ordinal);
        var policy = Assert.Single(html.Headers.GetValues("Content-Security-Policy"));
        Assert.StartsWith("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.Contains("sandbox allow-popups", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("allow-scripts", policy, StringComparison.Ordinal);
        Assert.Equal("https://bot.example.com/?a=1&b=2", mail.GetProperty("links")[0].GetString());

        using var foreign = new HttpRequestMessage(HttpMethod.Get, "/mail/messages") { Headers = { Host = "evil.example" } };
        Assert.Equal(HttpStatusCode.NotFound, (await _http.SendAsync(foreign)).StatusCode);
    }

    private async Task<JsonElement> DetailAsync(string to)
    {
        var list = await _http.GetFromJsonAsync<JsonElement>($"/mail/messages?to={to}");
        var id = Assert.Single(list.GetProperty("items").EnumerateArray()).GetProperty("id").GetGuid();
        return await _http.GetFromJsonAsync<JsonElement>($"/mail/messages/{id}");
    }

    /// <summary>Sends everything at once and reads that many replies after the greeting.</summary>
    private async Task<string[]> TalkAsync(string text, int replies)
    {
        var server = await _http.GetFromJsonAsync<JsonElement>("/mail/server");
        return await TalkAsync(server.GetProperty("port").GetInt32(), text, replies);
    }

    private static async Task<string[]> TalkAsync(int port, string text, int replies)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port);
        await using var stream = client.GetStream();
        using var reader = new StreamReader(stream, Encoding.UTF8);
        await stream.WriteAsync(Encoding.UTF8.GetBytes(text));
        var codes = new List<string>();
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (codes.Count <= replies && await reader.ReadLineAsync(patience.Token) is { } line)
        {
            if (line.Length < 4 || line[3] != '-')
            {
                codes.Add(line[..3]);
            }
        }

        Assert.Equal("220", codes[0]);
        return [.. codes.Skip(1)];
    }

    public sealed class SimulatorApplication : WebApplicationFactory<simulators::Program>
    {
        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            builder.UseEnvironment("Test");
            builder.UseSetting("Authentication:Issuer", "http://localhost:8080/");
            builder.UseSetting("Smtp:Port", "0");
        }
    }
}
