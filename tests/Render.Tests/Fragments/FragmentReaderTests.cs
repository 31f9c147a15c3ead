using Pipeline.Render.Tests.Encoding;
using Pipeline.Render.Tests.Recording;
using Pipeline.Testing;

namespace Pipeline.Render.Tests.Fragments;

public class FragmentReaderTests
{
    [Fact]
    public void Read_StreamThatEndsAnywhere_GivesTheWholeFragmentsBeforeIt()
    {
        byte[] stream = Stream(out int fragments);
        for (int length = 0; length <= stream.Length; length += 97)
        {
            Assert.InRange(Count(stream[..length]), 0, fragments);
        }

        Assert.Equal(fragments, Count(stream));
    }

    [Fact]
    public void Read_AnythingElse_ThrowsNothingButInvalidData()
    {
        byte[] stream = Stream(out _);
        var random = new Random(20261121);
        for (int i = 0; i < 300; i++)
        {
            byte[] broken = [.. stream];
            for (int change = 0; change < 3; change++)
            {
                broken[random.Next(2000)] = (byte)random.Next(256);
            }

            Exception? exception = Record.Exception(() => Count(broken));
            Assert.True(exception is null or InvalidDataException, $"{exception}");
        }
    }

    private static byte[] Stream(out int fragments)
    {
        using var folder = new TemporaryFolder();
        using FragmentCollector video = EncodedVideo.Collect(seconds: 2);
        fragments = video.Fragments.Count;
        video.WriteTo(folder["video.mp4"]);
        return File.ReadAllBytes(folder["video.mp4"]);
    }

    private static int Count(byte[] stream)
    {
        var reader = new FragmentReader(new MemoryStream(stream));
        if (reader.ReadInit() is null)
        {
            return 0;
        }

        int count = 0;
        while (reader.ReadFragment() is { } raw)
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(raw.Rented);
            count++;
        }

        return count;
    }
}
