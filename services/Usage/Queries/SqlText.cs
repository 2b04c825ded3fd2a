using System.Globalization;
using System.Text;
using Npgsql;

namespace BotGeneric.Usage.Queries;

/// <summary>A statement that is put together with its parameters. What callers send only ever becomes a parameter.</summary>
internal sealed class SqlText
{
    private readonly StringBuilder _text = new();
    private readonly List<NpgsqlParameter> _parameters = [];

    /// <summary>Adds text of ours.</summary>
    public SqlText Add(string text)
    {
        _text.Append(text);
        return this;
    }

    /// <summary>Names a parameter with a value.</summary>
    public string Parameter(object value)
    {
        _parameters.Add(new NpgsqlParameter { Value = value });
        return string.Create(CultureInfo.InvariantCulture, $"${_parameters.Count}");
    }

    /// <summary>Makes a command of it.</summary>
    public NpgsqlCommand On(NpgsqlDataSource dataSource)
    {
        var command = dataSource.CreateCommand(_text.ToString());
        command.Parameters.AddRange(_parameters.ToArray());
        return command;
    }
}
