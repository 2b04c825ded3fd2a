using System.Buffers;

namespace BotGeneric.Usage.Ingest;

/// <summary>The whole body of a request in a buffer that is given back when it is disposed.</summary>
internal sealed class RequestBody : IDisposable
{
    private const int FirstBytes = 64 * 1024;

    private byte[] _buffer;
    private int _length;

    private RequestBody(int capacity) => _buffer = ArrayPool<byte>.Shared.Rent(capacity);

    public ReadOnlySpan<byte> Bytes => Memory.Span;

    public ReadOnlyMemory<byte> Memory => _buffer.AsMemory(0, _length);

    /// <summary>Reads a body unless it is too large; then it is read no further.</summary>
    /// <param name="request">The request.</param>
    /// <param name="maximumBytes">The most it may have.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The body; null when it is too large.</returns>
    public static async Task<RequestBody?> ReadAsync(HttpRequest request, int maximumBytes, CancellationToken cancellationToken)
    {
        if (request.ContentLength > maximumBytes)
        {
            return null;
        }

        // One byte more than announced, so that the end is met without growing.
        var body = new RequestBody((int)(request.ContentLength + 1 ?? FirstBytes));
        try
        {
            int read;
            while ((read = await request.Body.ReadAsync(body._buffer.AsMemory(body._length), cancellationToken)) > 0)
            {
                body._length += read;
                if (body._length > maximumBytes)
                {
                    body.Dispose();
                    return null;
                }

                body.GrowWhenFull();
            }

            return body;
        }
        catch
        {
            body.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = [];
            _length = 0;
        }
    }

    private void GrowWhenFull()
    {
        if (_length == _buffer.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(_length * 2);
            _buffer.AsSpan(0, _length).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }
    }
}
