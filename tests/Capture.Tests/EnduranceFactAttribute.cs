namespace Pipeline.Capture.Tests;

/// <summary>A test that takes its time, or a quiet machine: it runs with ./pipeline test --soak TIME alone.</summary>
internal sealed class EnduranceFactAttribute : FactAttribute
{
    public EnduranceFactAttribute()
    {
        if (Environment.GetEnvironmentVariable("PIPELINE_SOAK") is null)
        {
            Skip = "An endurance test: ./pipeline test --soak TIME runs it.";
        }
    }
}
