namespace OpenCvSharp;

/// <summary>The hardware that decodes or encodes a video.</summary>
public enum VideoAccelerationType
{
    /// <summary>None: the processor.</summary>
    None = 0,

    /// <summary>The first that works, or the processor.</summary>
    Any = 1,

    /// <summary>Direct3D 11, on Windows.</summary>
    D3D11 = 2,

    /// <summary>VA-API: Intel and AMD, on Linux.</summary>
    VAAPI = 3,

    /// <summary>Intel’s Media SDK.</summary>
    MFX = 4,
}
