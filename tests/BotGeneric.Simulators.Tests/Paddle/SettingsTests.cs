namespace BotGeneric.Simulators.Tests.Paddle;

/// <summary>What the simulator refuses at its start.</summary>
public sealed class SettingsTests
{
    [Theory]
    [InlineData("Paddle:ApiKey", "secret")]
    [InlineData("Paddle:ApiKey", "pdl_live_apikey_01gtgztp8f4kek3yd4g1wrksa3_q6TGTJyvoIz7LDtXT65bX7_AQO")]
    [InlineData("Paddle:DunningExhaustedAction", "nothing")]
    [InlineData("Paddle:Tax:GB", "20")]
    [InlineData("Paddle:RetryDelays:0", "30.00:00:00")]
    [InlineData("Paddle:MoreDestinations:0:Url", "http://localhost/")]
    public async Task A_setting_that_makes_no_sense_stops_the_start(string key, string value)
    {
        await using var paddle = await PaddleSimulatorHost.StartAsync((key, value));

        Assert.ThrowsAny<Exception>(() => paddle.Http);
    }
}
